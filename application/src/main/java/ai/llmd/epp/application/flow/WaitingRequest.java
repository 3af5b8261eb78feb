package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.QueuedRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for its turn. It holds nothing of the request's body, and no thread: what it
 * costs beside that is this object and its entry in two heaps.
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
  private final Consumer<End> whenOver;
  private volatile @Nullable End end;

  /**
   * @param whenOver receives its end, once, by the thread that ends the wait, under its locks
   */
  WaitingRequest(
      String requestId,
      String fairnessId,
      int priority,
      long bytes,
      long receivedAt,
      long firstTokenDue,
      Consumer<End> whenOver) {
    super(fairnessId, priority, bytes, receivedAt, firstTokenDue);
    this.requestId = requestId;
    this.whenOver = whenOver;
  }

  String requestId() {
    return requestId;
  }

  /** Its wait is over; called once, under the lock of the queues. */
  void finish(End how) {
    end = how;
    whenOver.accept(how);
  }

  /** What became of it; null while it waits. */
  @Nullable End end() {
    return end;
  }
}
