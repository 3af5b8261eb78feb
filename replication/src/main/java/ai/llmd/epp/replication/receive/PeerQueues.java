package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.flow.BandLoad;
import ai.llmd.epp.replication.batch.BatchHead;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each peer has queued, as its newest batch has it. Passes on what changes. {@link Peers}
 * locks.
 */
final class PeerQueues {

  /** Bands of one peer: an intruder in the store fills no more memory than these take. */
  private static final int MAX_BANDS = 1 << 10;

  private final ShareQueues queues;
  private final Map<Long, Set<Integer>> bands = new HashMap<>();
  private long current; // the peer whose batch is being applied
  private @Nullable Set<Integer> listed; // in a batch that lists everything

  PeerQueues(ShareQueues queues) {
    this.queues = queues;
  }

  /** A new batch of a peer begins. */
  void begin(BatchHead head) {
    current = head.writer();
    listed = head.isWholeLoad() ? new HashSet<>() : null;
  }

  void put(int priority, BandLoad load) {
    Set<Integer> known = bands.computeIfAbsent(current, peer -> new HashSet<>());
    if (load.requests() == 0) {
      known.remove(priority);
    } else if (known.size() < MAX_BANDS || known.contains(priority)) {
      known.add(priority);
      if (listed != null) {
        listed.add(priority);
      }
    } else {
      return;
    }
    queues.queuedElsewhere(current, priority, load);
  }

  /** The batch ends; in bands that one that lists everything did not list nothing is queued. */
  void end() {
    Set<Integer> all = listed;
    listed = null;
    Set<Integer> known = bands.get(current);
    if (all == null || known == null) {
      return;
    }
    for (int priority : Set.copyOf(known)) {
      if (!all.contains(priority)) {
        known.remove(priority);
        queues.queuedElsewhere(current, priority, BandLoad.NONE);
      }
    }
  }

  void forget(long peer) {
    bands.remove(peer);
    queues.peerGone(peer);
  }
}
