package ai.llmd.epp.domain.flow.limit;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import java.util.Arrays;

/** The same ceiling for every priority. */
public final class StaticUsageLimit implements UsageLimitPolicy {

  private static final String NAME = "static-usage-limit-policy";

  public static final PluginType<Parameters> TYPE = type();

  /** The type shows itself in metrics as the reference's does. */
  private static PluginType<Parameters> type() {
    PluginType<Parameters> plain = PluginType.of(NAME, new Parameters(1), StaticUsageLimit::new);
    return new PluginType<>(
        plain.name(),
        plain.defaults(),
        plain.factory(),
        plain.stability(),
        NAME + "-type",
        null,
        null);
  }

  /**
   * The ceiling.
   *
   * @param threshold saturation from which requests wait; any number, 1 is a full pool
   */
  public record Parameters(double threshold) {}

  private final double threshold;

  public StaticUsageLimit(Parameters parameters) {
    this.threshold = parameters.threshold();
  }

  @Override
  public void ceilings(double saturation, int[] priorities, double[] ceilings) {
    Arrays.fill(ceilings, threshold);
  }
}
