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
  private final @Nullable Turns turns;
  private long requests;
  private long bytes;
  private boolean hasChanged;

  /**
   * @param isShared whether other replicas get to know what is queued here
   */
  PriorityBand(int priority, BandSettings settings, boolean isShared) {
    this.priority = priority;
    this.settings = settings;
    this.selector = settings.fairness().plugin().selector(settings.ordering().plugin());
    this.turns = isShared && settings.fairness().plugin().isByTurns() ? new Turns() : null;
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

  /** The division of turns over replicas; null where that is left to the selector. */
  @Nullable Turns turns() {
    return turns;
  }

  /** What is queued here. */
  QueueLoad load(long now) {
    return new QueueLoad(requests, bytes, drain.perSecond(now));
  }

  /** Whether something else is queued than at the last call. */
  boolean takeChanged() {
    boolean changed = hasChanged;
    hasChanged = false;
    return changed;
  }

  boolean isEmpty() {
    return requests == 0;
  }

  /**
   * How much more may be queued.
   *
   * @param elsewhere what other replicas have queued in this band
   */
  Room room(QueueLoad elsewhere) {
    return Room.in(settings, new QueueLoad(requests, bytes).plus(elsewhere));
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
    hasChanged = true;
    if (turns != null) {
      note(turns, flow, before == null, request.enqueuedAt());
    }
    if (before == null) {
      selector.opened(flow);
    } else if (flow.head() != before) {
      selector.headChanged(flow);
    }
  }

  private static void note(Turns turns, FlowQueue flow, boolean isNew, long now) {
    if (isNew) {
      turns.opened(flow, now);
    } else {
      turns.changed(flow);
    }
  }

  @SuppressWarnings("ReferenceEquality")
  void remove(QueuedRequest request, FlowQueue flow) {
    boolean wasHead = flow.head() == request;
    flow.requests().remove(request);
    requests--;
    bytes -= request.bytes();
    hasChanged = true;
    if (flow.size() == 0) {
      flows.remove(flow.fairnessId());
      selector.closed(flow);
    } else if (wasHead) {
      selector.headChanged(flow);
    }
    if (turns != null) {
      note(turns, flow);
    }
  }

  private static void note(Turns turns, FlowQueue flow) {
    if (flow.size() == 0) {
      turns.closed(flow);
    } else {
      turns.changed(flow);
    }
  }

  /** The request whose turn it is; null when none waits, or the turn is another replica's. */
  @Nullable QueuedRequest pick(long now) {
    FlowQueue flow = turns != null && turns.areShared() ? turns.pick(now) : selector.pick(now);
    return flow == null ? null : flow.head();
  }

  /** A request of this flow is about to have its turn. */
  void turn(FlowQueue flow, long now) {
    drain.left(now);
    if (turns != null) {
      turns.turn(flow, now);
    }
  }

  void forEach(Consumer<QueuedRequest> action) {
    flows.values().forEach(flow -> flow.requests().forEach(action));
  }
}
