package ai.llmd.epp.sidecar.upstream;

import org.jspecify.annotations.Nullable;

/** Learns how each leg ended. Called on event loops: must not wait. */
public interface LegObserver {

  /**
   * A leg is over.
   *
   * @param status of its answer; 0 when there was none
   * @param failure null when the answer is whole
   * @param nanos since it began
   */
  void ended(LegStage stage, int status, LegFailure.@Nullable Kind failure, long nanos);
}
