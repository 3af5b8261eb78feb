package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.flow.WaitingRequest.End;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request's place in the queues of flow control, metered from its taking to its end. */
final class PlaceInFlow implements QueuePlace {

  private final FlowController controller;
  private final InferenceRequest request;
  private final Budget budget;
  private final int band;

  // written before the place is over, read when it is
  private long began;
  private Runnable left = () -> {};
  private Runnable whenOver = () -> {};
  private @Nullable End end;
  private @Nullable RuntimeException failure;

  private volatile @Nullable WaitingRequest waiting;
  private volatile boolean isGivenUp;

  PlaceInFlow(FlowController controller, InferenceRequest request, Budget budget, int band) {
    this.controller = controller;
    this.request = request;
    this.budget = budget;
    this.band = band;
  }

  private FlowObserver observer() {
    return controller.observer();
  }

  @Override
  public void take(Runnable next) {
    whenOver = next;
    began = controller.now();
    left = observer().entered(RequestLabels.of(request), request.bodyBytes());
    if (isGivenUp) {
      enqueued(FlowOutcome.REJECTED_CANCELLED);
      over(End.of(FlowOutcome.REJECTED_CANCELLED, controller.now()));
      return;
    }
    WaitingRequest queued;
    try {
      queued = enqueue();
    } catch (Throwable thrown) {
      failed(NonFatal.orThrow(thrown));
      return;
    }
    waiting = queued;
    if (isGivenUp) {
      controller.giveUp(queued);
    }
  }

  private WaitingRequest enqueue() {
    WaitingRequest queued =
        controller.enqueue(
            request,
            controller.sinceStart(budget.beganAtNanos()),
            controller.sinceStart(budget.deadlineNanos()),
            this::over);
    End early = queued.end();
    enqueued(
        early == null || !early.outcome().isRejection()
            ? FlowOutcome.NOT_YET_FINALIZED
            : early.outcome());
    return queued;
  }

  private void enqueued(FlowOutcome outcome) {
    observer().enqueued(RequestLabels.of(request), band, outcome, controller.now() - began);
  }

  private void over(End how) {
    end = how;
    whenOver.run();
  }

  /** The queues have let go of the request, if it was there. */
  private void failed(RuntimeException thrown) {
    if (end == null) {
      failure = thrown;
      whenOver.run();
    }
  }

  @Override
  public void giveUp() {
    isGivenUp = true;
    WaitingRequest queued = waiting;
    if (queued != null) {
      controller.giveUp(queued);
    }
  }

  /**
   * What became of the place; once, when it is over.
   *
   * @throws InterruptedException when it was given up
   */
  End settled() throws InterruptedException {
    FlowOutcome outcome = FlowOutcome.EVICTED_OTHER;
    try {
      if (failure != null) {
        throw failure;
      }
      End how = Objects.requireNonNull(end);
      outcome = how.outcome();
      if (outcome.isOfClient()) {
        throw new InterruptedException();
      }
      return how;
    } finally {
      left.run();
      observer().finished(RequestLabels.of(request), band, outcome, controller.now() - began);
    }
  }

  /** How long the request waited. */
  long waitedNanos(End how) {
    return Math.max(0, how.at() - began);
  }
}
