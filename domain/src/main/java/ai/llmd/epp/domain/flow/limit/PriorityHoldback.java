package ai.llmd.epp.domain.flow.limit;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Holds a part of the pool back from lower priorities: the highest may fill it up to {@code
 * maxCeiling}, the lowest up to {@code minCeiling}, those between in proportion, to their rank
 * ({@code max - rank * (max - min) / (n - 1)}) or to their value ({@code min + (p - pMin) / (pMax -
 * pMin) * (max - min)}). A single priority may fill it up to {@code maxCeiling}.
 */
public final class PriorityHoldback implements UsageLimitPolicy {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "priority-holdback-policy",
              new Parameters(null, 1, Shape.LINEAR, Domain.RANK),
              PriorityHoldback::new)
          .alpha();

  /**
   * The ceilings.
   *
   * @param minCeiling of the lowest priority, within [0, 1); required
   * @param maxCeiling of the highest priority, within (0, 1] and above {@code minCeiling}
   * @param shape how ceilings fall between them
   * @param domain what they are in proportion to
   */
  public record Parameters(
      @Nullable Double minCeiling, double maxCeiling, Shape shape, Domain domain) {

    public Parameters {
      if (!(maxCeiling > 0 && maxCeiling <= 1)) {
        throw new IllegalArgumentException(
            "maxCeiling must be above 0 and at most 1, was " + maxCeiling);
      }
      if (minCeiling != null && !(minCeiling >= 0 && minCeiling < 1)) {
        throw new IllegalArgumentException(
            "minCeiling must be 0 or more and below 1, was " + minCeiling);
      }
      if (minCeiling != null && minCeiling >= maxCeiling) {
        throw new IllegalArgumentException(
            "minCeiling must be below maxCeiling %s, was %s".formatted(maxCeiling, minCeiling));
      }
    }
  }

  /** How ceilings fall. */
  public enum Shape {
    LINEAR;

    @Override
    public String toString() {
      return "linear";
    }
  }

  /** What ceilings are in proportion to. */
  public enum Domain {
    RANK("rank"),
    VALUE("value");

    private final String label;

    Domain(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private final double min;
  private final double max;
  private final Domain domain;

  public PriorityHoldback(Parameters parameters) {
    if (parameters.minCeiling() == null) {
      throw new IllegalArgumentException("minCeiling is required");
    }
    this.min = parameters.minCeiling();
    this.max = parameters.maxCeiling();
    this.domain = parameters.domain();
  }

  @Override
  public void ceilings(double saturation, int[] priorities, double[] ceilings) {
    int last = priorities.length - 1;
    for (int i = 0; i <= last; i++) {
      ceilings[i] = last == 0 ? max : ceiling(priorities, i);
    }
  }

  private double ceiling(int[] priorities, int rank) {
    int last = priorities.length - 1;
    if (domain == Domain.RANK) {
      return max - rank * (max - min) / last;
    }
    double lowest = priorities[last];
    return min + (priorities[rank] - lowest) / (priorities[0] - lowest) * (max - min);
  }
}
