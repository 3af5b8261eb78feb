package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;

/**
 * What one request carries from stage to stage. The facts and the evidence grow on the way; one
 * thread at a time uses them.
 *
 * @param budget how long the request may wait over all stages
 */
record Journey(
    InferenceRequest request,
    RequestLabels labels,
    Facts facts,
    EvidenceBuilder evidence,
    Budget budget) {

  /** The same after time in a queue, which does not count as waiting for the decision. */
  Journey afterQueueing(long nanos) {
    return new Journey(request, labels, facts, evidence, budget.later(nanos));
  }

  Routing.Decided rejected(Admission.Refused refused) {
    return new Routing.Decided(
        evidence.reject(labels, refused.reason(), refused.detail(), refused.retryAfterSeconds()));
  }

  Routing.Decided rejected(Reason reason, String detail) {
    return new Routing.Decided(evidence.reject(labels, reason, detail));
  }
}
