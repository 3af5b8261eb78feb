package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.routing.RoutingDecision;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A decision that a request waits for: on virtual threads, without any while it is queued, and
 * brought back to the stream's own. Whatever happens, the outcome is handed over exactly once.
 */
final class PendingDecision {

  /**
   * What the wait came to.
   *
   * @param failure why there is no decision; an interrupt too
   */
  record Outcome(@Nullable RoutingDecision made, @Nullable Throwable failure) {

    /**
     * The decision.
     *
     * @throws IllegalStateException when there is none
     */
    RoutingDecision decision() {
      if (made == null) {
        throw new IllegalStateException("no decision was reached", failure);
      }
      return made;
    }
  }

  private final RequestTrace trace;
  private final Executor streamExecutor;
  private final Consumer<Outcome> onStream;
  private final Consumer<Outcome> onLost;

  // guarded by this
  private @Nullable Thread walking;
  private @Nullable QueuePlace place;
  private boolean isInterrupted;

  private PendingDecision(
      RequestTrace trace,
      Executor streamExecutor,
      Consumer<Outcome> onStream,
      Consumer<Outcome> onLost) {
    this.trace = trace;
    this.streamExecutor = streamExecutor;
    this.onStream = onStream;
    this.onLost = onLost;
  }

  /**
   * Begins to wait.
   *
   * @param trace shows its ids in what is logged meanwhile
   * @param onStream takes the outcome, by the stream's executor
   * @param onLost takes the outcome on the waiting thread when the executor takes no more tasks
   */
  static PendingDecision begin(
      Routing routing,
      RequestTrace trace,
      Executor streamExecutor,
      Consumer<Outcome> onStream,
      Consumer<Outcome> onLost) {
    var pending = new PendingDecision(trace, streamExecutor, onStream, onLost);
    pending.goOn(() -> routing);
    return pending;
  }

  private void goOn(Wait<Routing> rest) {
    Thread thread =
        Thread.ofVirtual().name("decision-wait").unstarted(trace.scoped(() -> walk(rest)));
    synchronized (this) {
      walking = thread;
      place = null;
    }
    thread.start();
  }

  private void walk(Wait<Routing> rest) {
    try {
      if (isInterrupted()) {
        Thread.currentThread().interrupt(); // it came before the thread ran
      }
      Routing reached = rest.await();
      while (reached instanceof Routing.Waiting(Wait<Routing> further)) {
        reached = further.await();
      }
      switch (reached) {
        case Routing.Decided(RoutingDecision decision) -> deliver(new Outcome(decision, null));
        case Routing.Queued(QueuePlace next, Wait<Routing> further) -> queue(next, further);
        case Routing.Waiting _ -> throw new AssertionError("waited for");
      }
    } catch (Throwable thrown) { // the stream's guard decides what is survived, on its thread
      deliver(new Outcome(null, thrown));
    }
  }

  /** This thread ends; another one goes on when the place is over. */
  private void queue(QueuePlace next, Wait<Routing> rest) {
    boolean isTooLate;
    synchronized (this) {
      walking = null;
      place = next;
      isTooLate = isInterrupted;
    }
    if (isTooLate) {
      next.giveUp();
    }
    next.take(() -> goOn(rest));
  }

  private synchronized boolean isInterrupted() {
    return isInterrupted;
  }

  private void deliver(Outcome outcome) {
    try {
      streamExecutor.execute(() -> onStream.accept(outcome));
    } catch (RejectedExecutionException e) { // the server stops
      onLost.accept(outcome);
    }
  }

  /** The decision is not wanted any more. */
  void interrupt() {
    Thread thread;
    QueuePlace queued;
    synchronized (this) {
      isInterrupted = true;
      thread = walking;
      queued = place;
    }
    if (queued != null) { // beside the stream's thread: it may have to wait for a lock
      Thread.ofVirtual().name("queue-leave").start(queued::giveUp);
    }
    if (thread != null) {
      thread.interrupt();
    }
  }
}
