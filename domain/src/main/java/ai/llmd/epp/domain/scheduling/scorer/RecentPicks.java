package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * In which order endpoints were last picked, for a bounded number of endpoints.
 *
 * <p>The order is an array that is never changed, only replaced: reading never waits, and recording
 * waits for other recordings only, each no longer than an array copy. Every pick has a stamp, and
 * stamps ascend along the array, so an endpoint's position is found by a look into a map and a
 * binary search.
 */
final class RecentPicks {

  /** The position of an endpoint that is not remembered. */
  static final int NEVER = -1;

  private record Pick(EndpointId endpoint, long stamp) {}

  private final int capacity;
  private final ConcurrentHashMap<EndpointId, Pick> byEndpoint = new ConcurrentHashMap<>();
  private volatile Pick[] oldestFirst = {};

  private long lastStamp; // guarded by this

  /**
   * @param capacity endpoints remembered, 1 or more
   */
  RecentPicks(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Positions in the whole order, by slot: 0 for the endpoint whose pick is the longest ago, {@link
   * #NEVER} for those that are not remembered.
   */
  int[] positions(Candidates candidates) {
    Pick[] order = oldestFirst; // read before the map: what is newer than the order comes last
    int[] bySlot = new int[candidates.slotCount()];
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      Pick pick = byEndpoint.get(candidate.endpoint().id());
      bySlot[candidate.slot()] = pick == null ? NEVER : position(order, pick);
    }
    return bySlot;
  }

  /** Makes the endpoint the last one picked; the one that is the longest ago may be forgotten. */
  synchronized void record(EndpointId endpoint) {
    Pick[] before = oldestFirst;
    Pick previous = byEndpoint.get(endpoint);
    boolean isGrowing = previous == null && before.length < capacity;
    Pick[] after = Arrays.copyOf(before, isGrowing ? before.length + 1 : before.length);
    if (!isGrowing) {
      int gap = previous == null ? 0 : position(before, previous);
      System.arraycopy(before, gap + 1, after, gap, before.length - gap - 1);
    }
    Pick pick = new Pick(endpoint, ++lastStamp);
    after[after.length - 1] = pick;
    byEndpoint.put(endpoint, pick);
    oldestFirst = after;
    if (previous == null && !isGrowing) {
      byEndpoint.remove(before[0].endpoint());
    }
  }

  /** All that are remembered, the one whose pick is the longest ago first. */
  List<EndpointId> oldestFirst() {
    return Arrays.stream(oldestFirst).map(Pick::endpoint).toList();
  }

  /** How many picks of the order are older. */
  private static int position(Pick[] order, Pick pick) {
    int low = 0;
    int high = order.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (order[middle].stamp() < pick.stamp()) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
