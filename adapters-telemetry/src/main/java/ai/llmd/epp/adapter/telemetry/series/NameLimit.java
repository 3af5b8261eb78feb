package ai.llmd.epp.adapter.telemetry.series;

import java.util.Set;

/**
 * Lets a bounded number of distinct label values through; clients choose them. Those that are not
 * seen any more make room for new ones. Any thread.
 *
 * <p>The empty value is always shown and never counted, and so are those that the operator named.
 */
public final class NameLimit {

  /** Stands for every value that found no room or is too long. */
  public static final String OTHER = "other";

  /** Longer than any sensible name of a model or a tenant; a thousand of them stay below 1 MB. */
  private static final int LONGEST = 512;

  private final int most;
  private final AgingSet<String> admitted = new AgingSet<>();
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
    if (value.isEmpty() || admitted.sees(value) || exempt.contains(value)) {
      return value;
    }
    return value.length() <= LONGEST && admitted.add(value, most) ? value : OTHER;
  }

  /** Whether a value is shown as it is. */
  boolean shows(String value) {
    return value.isEmpty()
        || value.equals(OTHER)
        || admitted.contains(value)
        || exempt.contains(value);
  }

  /** Notes that something still counts under a value. */
  void seen(String value) {
    admitted.sees(value);
  }

  /** Lets values leave that were not seen since the last call, if one has found no room since. */
  void age() {
    admitted.age(value -> false);
  }
}
