package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.saturation.SaturationDetector;

/**
 * Lets a request in or sheds it: sheddable ones are turned away while their candidates are
 * saturated, all others go on.
 */
public final class Admission {

  private static final double SATURATED = 1.0;

  private final SaturationDetector detector;

  public Admission(SaturationDetector detector) {
    this.detector = detector;
  }

  /**
   * @param candidates every endpoint that may serve the request; none counts as saturated
   */
  boolean sheds(InferenceRequest request, Candidates candidates, long nowNanos) {
    return request.isSheddable() && detector.saturation(candidates, nowNanos) >= SATURATED;
  }
}
