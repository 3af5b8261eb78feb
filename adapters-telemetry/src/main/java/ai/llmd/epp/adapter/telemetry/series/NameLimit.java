package ai.llmd.epp.adapter.telemetry.series;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets a bounded number of distinct label values through; clients choose them. Any thread.
 *
 * <p>The empty value is always shown and never counted, and so are those that the operator named.
 */
public final class NameLimit {

  /** Stands for every value that came too late or is too long. */
  public static final String OTHER = "other";

  /** Longer than any sensible name of a model or a tenant; a thousand of them stay below 1 MB. */
  private static final int LONGEST = 512;

  private final int most;
  private final Set<String> admitted = ConcurrentHashMap.newKeySet();
  private volatile Set<String> exempt = Set.of();

  public NameLimit(int most) {
    this.most = most;
  }

  /** Always shows these; those exempted before are treated like any other from now on. */
  void exempt(Set<String> values) {
    exempt = Set.copyOf(values);
  }

  boolean isExempt(String value) {
    return exempt.contains(value);
  }

  /** The value itself, or {@link #OTHER}. */
  public String admit(String value) {
    if (value.isEmpty() || admitted.contains(value) || exempt.contains(value)) {
      return value;
    }
    return value.length() <= LONGEST && add(value) ? value : OTHER;
  }

  private synchronized boolean add(String value) {
    return admitted.contains(value) || (admitted.size() < most && admitted.add(value));
  }
}
