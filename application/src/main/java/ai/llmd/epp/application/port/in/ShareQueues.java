package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import java.util.Map;

/**
 * What is queued in this replica and in its peers, by priority band and flow, and what flows were
 * served. Any thread.
 */
public interface ShareQueues {

  /** No queues. */
  ShareQueues NONE =
      new ShareQueues() {
        @Override
        public Map<QueueKey, QueueLoad> takeChanged() {
          return Map.of();
        }

        @Override
        public Map<QueueKey, QueueLoad> queued() {
          return Map.of();
        }

        @Override
        public void queuedElsewhere(long peer, Map<QueueKey, QueueLoad> loads) {}

        @Override
        public void peerGone(long peer) {}
      };

  /** The queues here that may have changed since the last call, as they are now. */
  Map<QueueKey, QueueLoad> takeChanged();

  /** The queues here; those with nothing worth knowing are left out. */
  Map<QueueKey, QueueLoad> queued();

  /**
   * What a peer has queued now; may come more than once.
   *
   * @param loads queues that have changed; {@link QueueLoad#NONE} for one that is no more
   */
  void queuedElsewhere(long peer, Map<QueueKey, QueueLoad> loads);

  /** A peer is gone, and its queues with it. */
  void peerGone(long peer);
}
