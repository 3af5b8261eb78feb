package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.flow.FlowController.Entry;
import ai.llmd.epp.application.flow.WaitingRequest.End;
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowTicket;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.Evicted;
import ai.llmd.epp.domain.routing.Eviction;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import java.util.List;
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
      InferenceRequest request, Facts facts, Candidates candidates, Budget budget, long nowNanos) {
    Entry entry = controller.enter(request.priority(), request.bodyBytes());
    if (entry.isOpen()) {
      admitted(request, facts, entry, controller.fairness(entry.band()));
      controller.observer().passed(RequestLabels.of(request), entry.band());
      return Admitted.INSTANCE;
    }
    PlaceInFlow place = new PlaceInFlow(controller, request, budget, entry.band());
    return new Queued(place, () -> settle(request, facts, entry, place));
  }

  private void admitted(
      InferenceRequest request, Facts facts, Entry entry, FairnessPolicy fairness) {
    facts.put(FlowTicket.KEY, new FlowTicket(entry.band(), 0, fairness));
    facts.put(
        FlowEvidence.KEY, evidence(request, entry, FlowOutcome.DISPATCHED, false, 0, List.of()));
  }

  private Settled settle(InferenceRequest request, Facts facts, Entry entry, PlaceInFlow place)
      throws InterruptedException {
    End end = place.settled();
    long waitedNanos = place.waitedNanos(end);
    String evicted = end.evicted();
    List<String> madeRoom = evicted == null ? List.of() : List.of(evicted);
    facts.put(
        FlowEvidence.KEY, evidence(request, entry, end.outcome(), true, waitedNanos, madeRoom));
    FairnessPolicy fairness = end.fairness();
    if (fairness == null) {
      return FlowRefusals.of(end.outcome(), controller.isPoolEmpty(), end.retryAfterSeconds());
    }
    facts.put(FlowTicket.KEY, new FlowTicket(entry.band(), waitedNanos, fairness));
    return Admitted.INSTANCE;
  }

  private FlowEvidence evidence(
      InferenceRequest request,
      Entry entry,
      FlowOutcome outcome,
      boolean isQueued,
      long waitedNanos,
      List<String> madeRoom) {
    return new FlowEvidence(
        entry.band(),
        request.fairnessId(),
        outcome.label(),
        isQueued,
        waitedNanos,
        entry.saturation(),
        entry.ceiling(),
        madeRoom,
        request.isSheddable() && controller.isEvicting() ? new Evicted() : null);
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
