package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.BandLoad;
import java.util.HashMap;
import java.util.Map;

/** What each peer has queued, by priority. The caller locks. */
final class PeerQueues {

  private final Map<Long, Map<Integer, BandLoad>> byPeer = new HashMap<>();

  /** A peer has this queued in a band now. */
  void put(long peer, int priority, BandLoad load) {
    Map<Integer, BandLoad> bands = byPeer.computeIfAbsent(peer, ignored -> new HashMap<>());
    if (load.requests() == 0) {
      bands.remove(priority);
    } else {
      bands.put(priority, load);
    }
  }

  /** A peer is gone, and its queues with it. */
  void forget(long peer) {
    byPeer.remove(peer);
  }

  /** What all peers have queued together. */
  Map<Integer, BandLoad> sums() {
    Map<Integer, BandLoad> sums = new HashMap<>();
    byPeer
        .values()
        .forEach(bands -> bands.forEach((band, load) -> sums.merge(band, load, BandLoad::plus)));
    return sums;
  }
}
