package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** What each peer has queued. The caller locks. */
final class PeerQueues {

  private record Received(QueueLoad load, long at) {

    QueueLoad now(long now) {
      return load.after(Math.max(0, now - at));
    }
  }

  private final Map<QueueKey, Map<Long, Received>> bands = new HashMap<>();
  private final Map<QueueKey, Map<Long, Received>> flows = new HashMap<>();

  /** A peer has this queued now. */
  void put(long peer, Map<QueueKey, QueueLoad> loads, long now) {
    loads.forEach(
        (key, load) -> {
          if (load.isIdle()) {
            remove(of(key), key, peer);
          } else {
            of(key).computeIfAbsent(key, k -> new HashMap<>()).put(peer, new Received(load, now));
          }
        });
  }

  private Map<QueueKey, Map<Long, Received>> of(QueueKey key) {
    return key.isBand() ? bands : flows;
  }

  private static void remove(Map<QueueKey, Map<Long, Received>> all, QueueKey key, long peer) {
    all.computeIfPresent(
        key,
        (k, byPeer) -> {
          byPeer.remove(peer);
          return byPeer.isEmpty() ? null : byPeer;
        });
  }

  /**
   * A peer is gone, and its queues with it.
   *
   * @return the flows that it had queued
   */
  Collection<QueueKey> forget(long peer) {
    Set.copyOf(bands.keySet()).forEach(key -> remove(bands, key, peer));
    Collection<QueueKey> had =
        flows.entrySet().stream()
            .filter(flow -> flow.getValue().containsKey(peer))
            .map(Map.Entry::getKey)
            .toList();
    had.forEach(key -> remove(flows, key, peer));
    return had;
  }

  /** What all peers have queued together, by priority. */
  Map<Integer, QueueLoad> bands(long now) {
    Map<Integer, QueueLoad> sums = new HashMap<>();
    bands.forEach((key, byPeer) -> sums.put(key.priority(), sum(byPeer, now)));
    return sums;
  }

  /** What all peers have queued together of one flow. */
  QueueLoad flow(QueueKey key, long now) {
    return sum(flows.getOrDefault(key, Map.of()), now);
  }

  /** Passes on all flows of peers. */
  void flows(long now, BiConsumer<QueueKey, QueueLoad> sink) {
    flows.forEach((key, byPeer) -> sink.accept(key, sum(byPeer, now)));
  }

  private static QueueLoad sum(Map<Long, Received> byPeer, long now) {
    QueueLoad sum = QueueLoad.NONE;
    for (Received received : byPeer.values()) {
      sum = sum.plus(received.now(now));
    }
    return sum;
  }
}
