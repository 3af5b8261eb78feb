package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.PoolStages;
import ai.llmd.epp.domain.pool.Candidates;
import java.util.function.LongSupplier;

/**
 * Calls the saturation detector of some rules with the pool as it is now. As in admission without
 * queues, a detector that fails holds nothing up. Any thread.
 *
 * @param calls times, contains and reports the calls
 * @param nanoClock as {@link System#nanoTime()}
 */
record PoolDetector(LivePool pool, PluginCalls calls, LongSupplier nanoClock) {

  private static final String DETECTOR = "SaturationDetector";
  private static final PoolStages UNKNOWN = new PoolStages(Double.NaN, Double.NaN, 0);

  /**
   * How full the pool is.
   *
   * @param more requests that do not show yet, as {@link PoolStages#measure} counts them
   */
  PoolStages measure(FlowRules current, int more) {
    Candidates candidates = pool.current().candidates();
    Called<PoolStages> called =
        calls.call(
            DETECTOR,
            current.detector(),
            detector -> PoolStages.measure(detector, candidates, nanoClock.getAsLong(), more));
    return called instanceof Called.Returned(var stages, var ignored) ? stages : UNKNOWN;
  }

  /** Whether what was given its turn is in the saturation already. */
  boolean knowsShare(FlowRules current) {
    Called<Boolean> called =
        calls.call(DETECTOR, current.detector(), detector -> detector.shareOfRequest(1) > 0);
    return called instanceof Called.Returned(var isKnown, var ignored) && isKnown;
  }

  /** Endpoints that count as full because their samples are too old; -1 when that is not known. */
  int staleEndpoints(FlowRules current) {
    Called<Integer> stale =
        calls.call(
            DETECTOR,
            current.detector(),
            plugin -> plugin.staleEndpoints(pool.current().candidates(), nanoClock.getAsLong()));
    return stale instanceof Called.Returned(var count, var ignored) ? count : -1;
  }
}
