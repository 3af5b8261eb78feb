package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.flow.BandLoad;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Has queued what a test wants, and keeps what peers have queued. */
final class FakeQueues implements ShareQueues {

  private record Band(long peer, int priority) {}

  private final Map<Integer, BandLoad> own = new ConcurrentHashMap<>();
  private final Map<Band, BandLoad> ofPeers = new ConcurrentHashMap<>();
  private final AtomicBoolean hasChanged = new AtomicBoolean();

  void queue(int priority, BandLoad load) {
    if (load.requests() == 0) {
      own.remove(priority);
    } else {
      own.put(priority, load);
    }
    hasChanged.set(true);
  }

  BandLoad of(long peer, int priority) {
    return ofPeers.getOrDefault(new Band(peer, priority), BandLoad.NONE);
  }

  @Override
  public boolean takeQueuesChanged() {
    return hasChanged.getAndSet(false);
  }

  @Override
  public Map<Integer, BandLoad> queued() {
    return Map.copyOf(own);
  }

  @Override
  public void queuedElsewhere(long peer, int priority, BandLoad load) {
    ofPeers.put(new Band(peer, priority), load);
  }

  @Override
  public void peerGone(long peer) {
    ofPeers.keySet().removeIf(band -> band.peer() == peer);
  }
}
