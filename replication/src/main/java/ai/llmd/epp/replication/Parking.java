package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was said of endpoints that are not in the pool here yet: one replica sees an endpoint come
 * before another. Bounded; who waits longest goes first. Any thread.
 */
final class Parking {

  private static final int MOST_BLOCKS = 1 << 19;

  /** Blocks of an endpoint, as they were said. */
  record Parked(String producer, EndpointLife endpoint, int capacity, long[] hashes) {}

  // guarded by this
  private final Map<EndpointId, List<Parked>> parked = new LinkedHashMap<>();
  private int blocks;

  synchronized void park(Parked said) {
    parked.computeIfAbsent(said.endpoint().id(), id -> new ArrayList<>()).add(said);
    blocks += said.hashes().length;
    while (blocks > MOST_BLOCKS && !parked.isEmpty()) {
      take(parked.keySet().iterator().next());
    }
  }

  /** What was said of an endpoint, in order; it is no longer here afterwards. */
  synchronized List<Parked> take(EndpointId id) {
    List<Parked> said = parked.remove(id);
    if (said == null) {
      return List.of();
    }
    for (Parked one : said) {
      blocks -= one.hashes().length;
    }
    return said;
  }
}
