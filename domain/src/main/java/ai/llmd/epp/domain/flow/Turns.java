package ai.llmd.epp.domain.flow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Divides the turns of a band between its flows over all replicas. Each replica knows how many
 * turns a flow has had lately, here and elsewhere ({@link DrainRate}), and whether it waits
 * elsewhere. It gives the next turn to the flow that had the fewest; when that one waits elsewhere
 * only, it leaves the room to the replica where it waits, but not for long: a replica may be gone,
 * or may see a fuller pool. Every operation takes O(log n). Used by one thread at a time.
 *
 * <p>Rates decay all alike, so flows are compared by a number that time does not change: the
 * logarithm of the rate plus the time in seconds.
 */
final class Turns {

  /** How long room is left to another replica that does not take it. */
  static final long MAX_HOLD_NANOS = 50_000_000;

  /** How long, after that, nothing is left to a flow for which that was in vain. */
  static final long STALLED_NANOS = 1_000_000_000;

  /** Flows that others get to know. */
  static final int MAX_SHARED = 1_000;

  private static final int MAX_ELSEWHERE = 1 << 14;
  private static final long CYCLES_APART_NANOS = 5_000_000;
  private static final double SECOND = 1e9;
  private static final double NO_TURN = Double.NEGATIVE_INFINITY;
  private static final double AHEAD = Math.log(1.04); // within which flows count as even
  private static final double FORGOTTEN = Math.log(QueueLoad.FORGOTTEN);
  private static final int FIRST_SWEEP = 64;

  private static final class Flow {
    final String id;
    final boolean isShared;
    @Nullable FlowQueue queue;
    double here = NO_TURN;
    double elsewhere = NO_TURN;
    double all = NO_TURN;
    boolean isQueuedElsewhere;
    boolean hasChanged;
    long stalledUntil;
    int placeHere = IndexedHeap.ABSENT;
    int placeElsewhere = IndexedHeap.ABSENT;

    Flow(String id, boolean isShared) {
      this.id = id;
      this.isShared = isShared;
    }

    boolean isKnownElsewhere() {
      return isQueuedElsewhere || elsewhere != NO_TURN;
    }

    /** Whether it has neither requests nor turns that still count. */
    boolean isForgotten(double measureOfOne) {
      return queue == null && !isQueuedElsewhere && !hasChanged && all < measureOfOne + FORGOTTEN;
    }
  }

  private abstract static class FewestTurns extends IndexedHeap<Flow> {

    @Override
    protected int compare(Flow first, Flow second) {
      int order = Double.compare(first.all, second.all);
      return order != 0 ? order : first.id.compareTo(second.id);
    }
  }

  private static final class Here extends FewestTurns {

    @Override
    protected int place(Flow flow) {
      return flow.placeHere;
    }

    @Override
    protected void note(Flow flow, int place) {
      flow.placeHere = place;
    }
  }

  private static final class Elsewhere extends FewestTurns {

    @Override
    protected int place(Flow flow) {
      return flow.placeElsewhere;
    }

    @Override
    protected void note(Flow flow, int place) {
      flow.placeElsewhere = place;
    }
  }

  private final Map<String, Flow> flows = new HashMap<>();
  private final Here here = new Here();
  private final Elsewhere elsewhere = new Elsewhere();
  private final List<Flow> changed = new ArrayList<>(); // since it was taken last
  private int shared;
  private int knownElsewhere;
  private int sweepAt = FIRST_SWEEP;
  private long heldSince;
  private long heldAt = Long.MIN_VALUE;

  /** Whether other replicas have anything to do with these flows. */
  boolean areShared() {
    return knownElsewhere > 0;
  }

  private static double measure(double rate, long now) {
    return rate <= 0 ? NO_TURN : Math.log(rate) + now / SECOND;
  }

  private static double sum(double first, double second) {
    double more = Math.max(first, second);
    return more == NO_TURN ? NO_TURN : more + Math.log1p(Math.exp(-Math.abs(first - second)));
  }

  private Flow flow(String id, long now) {
    Flow known = flows.get(id);
    if (known != null) {
      return known;
    }
    if (flows.size() >= sweepAt) {
      double one = measure(1, now);
      flows.values().removeIf(flow -> isForgotten(flow, one));
      sweepAt = Math.max(FIRST_SWEEP, 2 * flows.size());
    }
    boolean isShared = shared < MAX_SHARED;
    if (isShared) {
      shared++;
    }
    Flow flow = new Flow(id, isShared);
    flows.put(id, flow);
    return flow;
  }

  private boolean isForgotten(Flow flow, double measureOfOne) {
    if (!flow.isForgotten(measureOfOne)) {
      return false;
    }
    shared -= flow.isShared ? 1 : 0;
    knownElsewhere -= flow.isKnownElsewhere() ? 1 : 0;
    return true;
  }

  /** The queue of a flow has its first request. */
  void opened(FlowQueue queue, long now) {
    Flow flow = flow(queue.fairnessId(), now);
    flow.queue = queue;
    here.add(flow);
    note(flow);
  }

  /** The queue of a flow is shorter or longer than before. */
  void changed(FlowQueue queue) {
    Flow flow = flows.get(queue.fairnessId());
    if (flow != null) {
      note(flow);
    }
  }

  private void note(Flow flow) {
    if (flow.isShared && !flow.hasChanged) {
      flow.hasChanged = true;
      changed.add(flow);
    }
  }

  /** A flow has no request any more. */
  void closed(FlowQueue queue) {
    Flow flow = flows.get(queue.fairnessId());
    if (flow != null) {
      flow.queue = null;
      here.remove(flow);
      note(flow);
    }
  }

  /** A flow has a turn, here. */
  void turn(FlowQueue queue, long now) {
    Flow flow = flows.get(queue.fairnessId());
    if (flow != null) {
      flow.here = sum(flow.here, measure(1, now));
      rank(flow);
    }
  }

  private void rank(Flow flow) {
    flow.all = sum(flow.here, flow.elsewhere);
    if (flow.placeHere != IndexedHeap.ABSENT) {
      here.moved(flow);
    }
    if (flow.placeElsewhere != IndexedHeap.ABSENT) {
      elsewhere.moved(flow);
    }
  }

  /** What all other replicas together know of a flow. */
  void elsewhere(String id, QueueLoad load, long now) {
    Flow known = flows.get(id);
    if (known == null && (load.isIdle() || knownElsewhere >= MAX_ELSEWHERE)) {
      return;
    }
    Flow flow = flow(id, now);
    boolean wasKnown = flow.isKnownElsewhere();
    flow.elsewhere = load.isIdle() ? NO_TURN : measure(load.turnsPerSecond(), now);
    flow.isQueuedElsewhere = load.requests() > 0;
    knownElsewhere += (flow.isKnownElsewhere() ? 1 : 0) - (wasKnown ? 1 : 0);
    rank(flow);
    boolean isClaim = flow.isQueuedElsewhere && now >= flow.stalledUntil;
    if (isClaim && flow.placeElsewhere == IndexedHeap.ABSENT) {
      elsewhere.add(flow);
    } else if (!isClaim) {
      elsewhere.remove(flow);
    }
  }

  /** The flow that is next; null when none is here, or the next one waits elsewhere. */
  @Nullable FlowQueue pick(long now) {
    Flow mine = here.head();
    if (mine == null) {
      return null;
    }
    Flow other = elsewhere.head();
    if (other != null && mine.all > other.all + AHEAD) {
      if (!isHeldTooLong(now)) {
        return null;
      }
      other.stalledUntil = now + STALLED_NANOS;
      elsewhere.remove(other);
    }
    heldAt = Long.MIN_VALUE;
    return mine.queue;
  }

  private boolean isHeldTooLong(long now) {
    if (heldAt == Long.MIN_VALUE || now - heldAt > CYCLES_APART_NANOS) {
      heldSince = now; // in between another replica has taken the room
    }
    heldAt = now;
    return now - heldSince >= MAX_HOLD_NANOS;
  }

  /** Passes on the flows that have changed since the last call. */
  void takeChanged(long now, BiConsumer<String, QueueLoad> sink) {
    for (Flow flow : changed) {
      flow.hasChanged = false;
      pass(flow, now, sink);
    }
    changed.clear();
  }

  /** Passes on every flow with requests, or with turns that still count. */
  void all(long now, BiConsumer<String, QueueLoad> sink) {
    for (Flow flow : flows.values()) {
      if (!load(flow, now).isIdle()) {
        pass(flow, now, sink);
      }
    }
  }

  private static void pass(Flow flow, long now, BiConsumer<String, QueueLoad> sink) {
    if (flow.isShared) {
      sink.accept(flow.id, load(flow, now));
    }
  }

  private static QueueLoad load(Flow flow, long now) {
    FlowQueue queue = flow.queue;
    return new QueueLoad(queue == null ? 0 : queue.size(), 0, Math.exp(flow.here - now / SECOND));
  }
}
