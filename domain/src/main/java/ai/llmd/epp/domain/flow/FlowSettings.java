package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import java.util.Arrays;
import java.util.Map;

/**
 * What flow control is configured to do.
 *
 * @param maxRequests how many may wait in all bands; 0 is without a limit
 * @param maxBytes how large their bodies may be together; 0 is without a limit
 * @param noEndpointTtlNanos how long a request may wait while the pool is empty; 0 is without a
 *     limit
 * @param usageLimit how full the pool may be for each band
 * @param bands by priority; 0 is among them
 * @param otherBand of priorities that come up at run time
 * @param otherNegativeBand the same, of those below 0
 */
public record FlowSettings(
    long maxRequests,
    long maxBytes,
    long noEndpointTtlNanos,
    Named<UsageLimitPolicy> usageLimit,
    Map<Integer, BandSettings> bands,
    BandSettings otherBand,
    BandSettings otherNegativeBand) {

  public FlowSettings {
    bands = Map.copyOf(bands);
    if (!bands.containsKey(0)) {
      throw new IllegalArgumentException("there is no band 0");
    }
  }

  /** What holds for a priority, whether it is among the bands or not. */
  public BandSettings band(int priority) {
    BandSettings configured = bands.get(priority);
    if (configured != null) {
      return configured;
    }
    return priority < 0 ? otherNegativeBand : otherBand;
  }

  /**
   * Asks the usage limit how full the pool may be for each band; 1 for all when it throws.
   *
   * @param priorities descending
   * @param ceilings receives one for each priority
   */
  public void limit(double saturation, int[] priorities, double[] ceilings, PluginCalls calls) {
    Arrays.fill(ceilings, 1);
    Called<Boolean> called =
        calls.run(
            "UsageLimit", usageLimit, policy -> policy.ceilings(saturation, priorities, ceilings));
    if (called instanceof Called.Threw) {
      Arrays.fill(ceilings, 1);
    }
  }
}
