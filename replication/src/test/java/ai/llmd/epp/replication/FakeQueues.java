package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Has queued what a test wants, and keeps what peers have queued. */
final class FakeQueues implements ShareQueues {

  private record OfPeer(long peer, QueueKey key) {}

  private final Map<QueueKey, QueueLoad> own = new ConcurrentHashMap<>();
  private final Map<QueueKey, QueueLoad> changed = new ConcurrentHashMap<>();
  private final Map<OfPeer, QueueLoad> ofPeers = new ConcurrentHashMap<>();

  void queue(QueueKey key, QueueLoad load) {
    if (load.isIdle()) {
      own.remove(key);
    } else {
      own.put(key, load);
    }
    changed.put(key, load);
  }

  QueueLoad own(QueueKey key) {
    return own.getOrDefault(key, QueueLoad.NONE);
  }

  QueueLoad of(long peer, QueueKey key) {
    return ofPeers.getOrDefault(new OfPeer(peer, key), QueueLoad.NONE);
  }

  @Override
  public Map<QueueKey, QueueLoad> takeChanged() {
    Map<QueueKey, QueueLoad> taken = Map.copyOf(changed);
    taken.forEach(changed::remove);
    return taken;
  }

  @Override
  public Map<QueueKey, QueueLoad> queued() {
    return Map.copyOf(own);
  }

  @Override
  public void queuedElsewhere(long peer, Map<QueueKey, QueueLoad> loads) {
    loads.forEach((key, load) -> ofPeers.put(new OfPeer(peer, key), load));
  }

  @Override
  public void peerGone(long peer) {
    ofPeers.keySet().removeIf(queue -> queue.peer() == peer);
  }
}
