package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.QueuedRequest;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A request whose thread waits for its turn. It holds nothing of the request's body; what it costs
 * beside that is this object, its entry in two heaps and a parked virtual thread.
 */
final class WaitingRequest extends QueuedRequest {

  /**
   * What became of it.
   *
   * @param at when
   * @param retryAfterSeconds when there may be room; 0 if that is not known
   * @param fairness the policy that gave it its turn; null when it has none
   * @param evicted id of the request that was evicted for it; null when none was
   */
  record End(
      FlowOutcome outcome,
      long at,
      int retryAfterSeconds,
      @Nullable FairnessPolicy fairness,
      @Nullable String evicted) {

    static End of(FlowOutcome outcome, long at) {
      return new End(outcome, at, 0, null, null);
    }

    static End full(long at, int retryAfterSeconds) {
      return new End(FlowOutcome.REJECTED_CAPACITY, at, retryAfterSeconds, null, null);
    }

    static End turn(long at, FairnessPolicy fairness, @Nullable String evicted) {
      return new End(FlowOutcome.DISPATCHED, at, 0, fairness, evicted);
    }
  }

  private final String requestId;
  private final Thread thread = Thread.currentThread();
  private volatile @Nullable End end;

  WaitingRequest(
      String requestId,
      String fairnessId,
      int priority,
      long bytes,
      long receivedAt,
      long firstTokenDue) {
    super(fairnessId, priority, bytes, receivedAt, firstTokenDue);
    this.requestId = requestId;
  }

  String requestId() {
    return requestId;
  }

  /** Its thread goes on. */
  void finish(End how) {
    end = how;
    LockSupport.unpark(thread);
  }

  @Nullable End end() {
    return end;
  }

  /**
   * Waits for the end; the request's own thread.
   *
   * @throws InterruptedException when the request is not wanted any more
   */
  End await() throws InterruptedException {
    End now = end;
    while (now == null) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.park(this);
      now = end;
    }
    return now;
  }
}
