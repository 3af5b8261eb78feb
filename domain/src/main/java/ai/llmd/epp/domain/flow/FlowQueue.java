package ai.llmd.epp.domain.flow;

import java.util.Objects;

/** The requests of one flow that wait, within its band. It exists while it has any. */
public final class FlowQueue {

  private final String fairnessId;
  private final RequestOrder requests;

  /** The flow's place among the flows of its band, for selectors that keep them in a heap. */
  public int placeInBand = IndexedHeap.ABSENT;

  FlowQueue(String fairnessId, OrderingPolicy ordering) {
    this.fairnessId = fairnessId;
    this.requests = new RequestOrder(ordering);
  }

  public String fairnessId() {
    return fairnessId;
  }

  /** The request that is next within the flow. */
  public QueuedRequest head() {
    return Objects.requireNonNull(requests.head());
  }

  /** Number of requests, 1 or more while the flow is among those of its band. */
  public int size() {
    return requests.size();
  }

  RequestOrder requests() {
    return requests;
  }

  /** By the policy, and where it sees no difference by arrival. */
  static final class RequestOrder extends IndexedHeap<QueuedRequest> {

    private final OrderingPolicy ordering;

    RequestOrder(OrderingPolicy ordering) {
      this.ordering = ordering;
    }

    @Override
    protected int compare(QueuedRequest first, QueuedRequest second) {
      int order = ordering.compare(first, second);
      return order != 0 ? order : Long.compare(first.sequence(), second.sequence());
    }

    @Override
    protected int place(QueuedRequest request) {
      return request.placeInFlow;
    }

    @Override
    protected void note(QueuedRequest request, int place) {
      request.placeInFlow = place;
    }
  }
}
