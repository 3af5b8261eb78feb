package ai.llmd.epp.domain.flow;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The flows of one priority that have requests. */
final class PriorityBand {

  private final int priority;
  private final BandSettings settings;
  private final FlowSelector selector;
  private final Map<String, FlowQueue> flows = new HashMap<>();
  private final DrainRate drain = new DrainRate();
  private long requests;
  private long bytes;

  PriorityBand(int priority, BandSettings settings) {
    this.priority = priority;
    this.settings = settings;
    this.selector = settings.fairness().plugin().selector(settings.ordering().plugin());
  }

  int priority() {
    return priority;
  }

  BandSettings settings() {
    return settings;
  }

  long requests() {
    return requests;
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return requests == 0;
  }

  /** How fast its requests get their turn. */
  DrainRate drain() {
    return drain;
  }

  /**
   * Whether there is room for another request.
   *
   * @param elsewhere what other replicas have queued in this band
   */
  boolean hasRoom(long moreBytes, BandLoad elsewhere) {
    return requests + 1 <= settings.maxRequests() - elsewhere.requests()
        && moreBytes <= settings.maxBytes() - bytes - elsewhere.bytes();
  }

  FlowQueue flow(String fairnessId) {
    return flows.computeIfAbsent(fairnessId, id -> new FlowQueue(id, settings.ordering().plugin()));
  }

  @SuppressWarnings("ReferenceEquality") // another request may look the same
  void add(QueuedRequest request, FlowQueue flow) {
    QueuedRequest before = flow.requests().head();
    flow.requests().add(request);
    requests++;
    bytes += request.bytes();
    if (before == null) {
      selector.opened(flow);
    } else if (flow.head() != before) {
      selector.headChanged(flow);
    }
  }

  @SuppressWarnings("ReferenceEquality")
  void remove(QueuedRequest request, FlowQueue flow) {
    boolean wasHead = flow.head() == request;
    flow.requests().remove(request);
    requests--;
    bytes -= request.bytes();
    if (flow.size() == 0) {
      flows.remove(flow.fairnessId());
      selector.closed(flow);
    } else if (wasHead) {
      selector.headChanged(flow);
    }
  }

  /** The request whose turn it is, or null when none waits. */
  @Nullable QueuedRequest pick(long now) {
    FlowQueue flow = selector.pick(now);
    return flow == null ? null : flow.head();
  }

  void forEach(Consumer<QueuedRequest> action) {
    flows.values().forEach(flow -> flow.requests().forEach(action));
  }
}
