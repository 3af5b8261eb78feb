package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.flow.FlowController.Entry;
import ai.llmd.epp.application.flow.WaitingRequest.End;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowTicket;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.Eviction;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import org.jspecify.annotations.Nullable;

/** Admission by flow control. Any thread. */
public record FlowAdmission(FlowController controller) implements Admission {

  /** The name and type under which it is shown. */
  public static final String NAME = "flow-control";

  /** As the stage of a routing. */
  public static Named<Admission> of(FlowController controller) {
    return new Named<>(NAME, NAME, new FlowAdmission(controller));
  }

  @Override
  public Outcome admit(
      InferenceRequest request, Facts facts, Candidates candidates, long nowNanos) {
    long receivedAt = controller.now();
    Entry entry = controller.enter(request.priority(), request.bodyBytes());
    if (entry.isOpen()) {
      ticket(request, facts, entry, 0, false, controller.fairness(entry.band()));
      controller.observer().passed(RequestLabels.of(request), entry.band());
      return Admitted.INSTANCE;
    }
    return new Queued(() -> await(request, facts, entry, receivedAt));
  }

  private Settled await(InferenceRequest request, Facts facts, Entry entry, long receivedAt)
      throws InterruptedException {
    RequestLabels labels = RequestLabels.of(request);
    long began = controller.now();
    Runnable left = controller.observer().entered(labels, request.bodyBytes());
    FlowOutcome outcome = FlowOutcome.EVICTED_OTHER;
    try {
      End end =
          controller.await(
              request,
              receivedAt,
              queued ->
                  controller
                      .observer()
                      .enqueued(labels, entry.band(), queued, controller.now() - began));
      outcome = end.outcome();
      if (outcome.isOfClient()) {
        throw new InterruptedException();
      }
      return settle(request, facts, entry, end, Math.max(0, end.at() - began));
    } finally {
      left.run();
      controller.observer().finished(labels, entry.band(), outcome, controller.now() - began);
    }
  }

  private Settled settle(
      InferenceRequest request, Facts facts, Entry entry, End end, long waitedNanos) {
    FairnessPolicy fairness = end.fairness();
    if (fairness != null) {
      ticket(request, facts, entry, waitedNanos, true, fairness);
      return Admitted.INSTANCE;
    }
    facts.put(FlowEvidence.KEY, evidence(request, entry, end.outcome(), true, waitedNanos));
    return FlowRefusals.of(end.outcome(), controller.isPoolEmpty(), end.retryAfterSeconds());
  }

  private static void ticket(
      InferenceRequest request,
      Facts facts,
      Entry entry,
      long waitedNanos,
      boolean isQueued,
      FairnessPolicy fairness) {
    facts.put(FlowTicket.KEY, new FlowTicket(entry.band(), waitedNanos, fairness));
    facts.put(
        FlowEvidence.KEY, evidence(request, entry, FlowOutcome.DISPATCHED, isQueued, waitedNanos));
  }

  private static FlowEvidence evidence(
      InferenceRequest request,
      Entry entry,
      FlowOutcome outcome,
      boolean isQueued,
      long waitedNanos) {
    return new FlowEvidence(
        entry.band(),
        request.fairnessId(),
        outcome.label(),
        isQueued,
        waitedNanos,
        entry.saturation(),
        entry.ceiling());
  }

  @Override
  public @Nullable FlowEvidence evidence(Facts facts) {
    return facts.get(FlowEvidence.KEY);
  }

  @Override
  public @Nullable Eviction eviction(Facts facts) {
    return controller.isEvicting() ? facts.get(Eviction.KEY) : null;
  }

  @Override
  public void decided(Facts facts) {
    if (facts.get(FlowTicket.KEY) != null) {
      controller.settled();
    }
  }
}
