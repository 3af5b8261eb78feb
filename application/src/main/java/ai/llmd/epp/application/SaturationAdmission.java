package ai.llmd.epp.application;

import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.saturation.SaturationDetector;

/**
 * Sheds sheddable requests while their candidates are saturated; all others go on. No request
 * waits.
 */
public record SaturationAdmission(SaturationDetector detector) implements Admission {

  private static final double SATURATED = 1.0;

  /** Under the name of its detector, which is the plugin that operators know. */
  public static Named<Admission> of(Named<SaturationDetector> detector) {
    return new Named<>(
        detector.name(), detector.type(), new SaturationAdmission(detector.plugin()));
  }

  @Override
  public Outcome admit(
      InferenceRequest request, Facts facts, Candidates candidates, Budget budget, long nowNanos) {
    return request.isSheddable() && detector.saturation(candidates, nowNanos) >= SATURATED
        ? new Refused(Reason.SHED, "system saturated, sheddable request dropped")
        : Admitted.INSTANCE;
  }
}
