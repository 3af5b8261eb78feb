package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.admin.LiveView;
import ai.llmd.epp.configuration.reload.LiveConfiguration.Change;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last changes of the configuration, applied or refused, for people to look at. Any thread. */
final class ConfigurationHistory {

  private static final int MAX_CHANGES = 10;
  private static final int MAX_DETAIL = 4_000; // characters

  private final Deque<LiveView.Change> changes = new ArrayDeque<>(); // guarded by this

  void applied(Change change) {
    add(
        true,
        "kept %d plugins, built %s, removed %s"
            .formatted(change.kept().size(), names(change.built()), names(change.removed())));
  }

  private static String names(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  void refused(String reason) {
    add(false, reason);
  }

  private synchronized void add(boolean isApplied, String detail) {
    String shown = detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) + "…" : detail;
    changes.addFirst(new LiveView.Change(System.currentTimeMillis(), isApplied, shown));
    if (changes.size() > MAX_CHANGES) {
      changes.removeLast();
    }
  }

  /** The latest first. */
  synchronized List<LiveView.Change> latest() {
    return List.copyOf(changes);
  }
}
