package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.routing.RequestLabels;

/** Observes flow control, to meter it. Any thread; never blocks, never throws. */
public interface FlowObserver {

  /** Observes nothing. */
  FlowObserver NONE = new FlowObserver() {};

  /** A request had its turn at once. */
  default void passed(RequestLabels labels, int band) {}

  /**
   * A request has to wait.
   *
   * @return to be run once when it has left flow control, whatever became of it
   */
  default Runnable entered(RequestLabels labels, long bytes) {
    return () -> {};
  }

  /**
   * A request was queued, or not.
   *
   * @param band priority of its band
   * @param outcome {@link FlowOutcome#NOT_YET_FINALIZED} when it was
   * @param nanos how long that took
   */
  default void enqueued(RequestLabels labels, int band, FlowOutcome outcome, long nanos) {}

  /**
   * A request is done with flow control.
   *
   * @param band priority of its band
   * @param nanos how long it was queued
   */
  default void finished(RequestLabels labels, int band, FlowOutcome outcome, long nanos) {}

  /** A cycle took this long. */
  default void cycle(long nanos) {}

  /** A running request was evicted for a band of this priority. */
  default void revoked(int forPriority) {}

  /** An evicted request has ended, after this time. */
  default void revocationConfirmed(long nanos) {}

  /** An evicted request has not ended in time. */
  default void revocationTimedOut() {}
}
