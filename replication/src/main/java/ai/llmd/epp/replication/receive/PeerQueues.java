package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.replication.batch.BatchHead;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What each peer has queued, as its newest batch has it. Passes on what changes, batch by batch.
 * {@link Peers} locks.
 */
final class PeerQueues {

  /** Of one peer: an intruder in the store fills no more memory than these take. */
  private static final int MAX_QUEUES = 1 << 12;

  /** Of all peers. */
  private static final int MAX_QUEUES_OF_ALL = 1 << 16;

  private final ShareQueues queues;
  private final Map<Long, Set<QueueKey>> known = new HashMap<>();
  private final Map<QueueKey, QueueLoad> batch = new HashMap<>();
  private long current; // the peer whose batch is being applied
  private boolean isWhole; // whether that batch lists everything
  private int count;

  PeerQueues(ShareQueues queues) {
    this.queues = queues;
  }

  /** A new batch of a peer begins. */
  void begin(BatchHead head) {
    current = head.writer();
    isWhole = head.isWholeLoad();
    batch.clear();
  }

  void put(QueueKey key, QueueLoad load) {
    Set<QueueKey> ofPeer = known.computeIfAbsent(current, peer -> new HashSet<>());
    if (load.isIdle()) {
      count -= ofPeer.remove(key) ? 1 : 0;
      batch.put(key, QueueLoad.NONE);
    } else if (ofPeer.contains(key)) {
      batch.put(key, load);
    } else if (ofPeer.size() < MAX_QUEUES && count < MAX_QUEUES_OF_ALL) {
      ofPeer.add(key);
      count++;
      batch.put(key, load);
    }
  }

  /** The batch ends; in queues that one that lists everything did not list there is nothing. */
  void end() {
    Set<QueueKey> ofPeer = known.getOrDefault(current, Set.of());
    if (isWhole) {
      for (QueueKey key : Set.copyOf(ofPeer)) {
        if (!batch.containsKey(key)) {
          put(key, QueueLoad.NONE);
        }
      }
    }
    if (!batch.isEmpty()) {
      queues.queuedElsewhere(current, Map.copyOf(batch));
      batch.clear();
    }
  }

  void forget(long peer) {
    Set<QueueKey> gone = known.remove(peer);
    if (gone != null) {
      count -= gone.size();
    }
    queues.peerGone(peer);
  }
}
