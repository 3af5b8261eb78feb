package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.domain.routing.RoutingDecision;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A decision that a request waits for: on a virtual thread, and brought back to the stream's own.
 * Whatever happens, the outcome is handed over exactly once.
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

  private final Thread thread;

  private PendingDecision(Thread thread) {
    this.thread = thread;
  }

  /**
   * Begins to wait.
   *
   * @param onStream takes the outcome, by the stream's executor
   * @param onLost takes the outcome on the waiting thread when the executor takes no more tasks
   */
  static PendingDecision begin(
      Routing routing,
      Executor streamExecutor,
      Consumer<Outcome> onStream,
      Consumer<Outcome> onLost) {
    return new PendingDecision(
        Thread.ofVirtual()
            .name("decision-wait")
            .start(() -> deliver(await(routing), streamExecutor, onStream, onLost)));
  }

  private static Outcome await(Routing routing) {
    try {
      return new Outcome(routing.await(), null);
    } catch (Throwable thrown) { // the stream's guard decides what is survived, on its thread
      return new Outcome(null, thrown);
    }
  }

  private static void deliver(
      Outcome outcome,
      Executor streamExecutor,
      Consumer<Outcome> onStream,
      Consumer<Outcome> onLost) {
    try {
      streamExecutor.execute(() -> onStream.accept(outcome));
    } catch (RejectedExecutionException e) { // the server stops
      onLost.accept(outcome);
    }
  }

  /** The decision is not wanted any more. */
  void interrupt() {
    thread.interrupt();
  }
}
