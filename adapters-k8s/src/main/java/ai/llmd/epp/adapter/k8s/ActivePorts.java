package ai.llmd.epp.adapter.k8s;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which target ports of a pod take traffic, by an annotation of the pod. */
final class ActivePorts {

  static final String ANNOTATION = "llm-d.ai/active-ports";
  static final String LEGACY_ANNOTATION = "inference.networking.k8s.io/active-ports";

  private static final int MAX_DIGITS = 5; // of a port; more would overflow and is none

  private ActivePorts() {}

  /** All target ports without an annotation; with one, those that it names and nothing else. */
  static Set<Integer> of(@Nullable Map<String, String> annotations, List<Integer> targetPorts) {
    String listed = annotations == null ? null : annotations.get(ANNOTATION);
    if (listed == null && annotations != null) {
      listed = annotations.get(LEGACY_ANNOTATION);
    }
    if (listed == null) {
      return Set.copyOf(targetPorts);
    }
    Set<Integer> active = new HashSet<>();
    for (String item : listed.split(",", -1)) {
      int port = leadingNumber(item.strip());
      if (port > 0 && targetPorts.contains(port)) {
        active.add(port);
      }
    }
    return active;
  }

  /** As the reference reads numbers: {@code 8000x} is 8000, {@code x} and {@code -1} are none. */
  private static int leadingNumber(String item) {
    int start = item.startsWith("+") ? 1 : 0;
    int end = start;
    while (end < item.length() && item.charAt(end) >= '0' && item.charAt(end) <= '9') {
      end++;
    }
    while (end - start > 1 && item.charAt(start) == '0') {
      start++;
    }
    return end == start || end - start > MAX_DIGITS ? 0 : Integer.parseInt(item, start, end, 10);
  }
}
