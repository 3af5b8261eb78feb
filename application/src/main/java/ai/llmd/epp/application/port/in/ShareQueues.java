package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.flow.BandLoad;
import java.util.Map;

/** What is queued in this replica and in its peers, by priority band. Any thread. */
public interface ShareQueues {

  /** No queues. */
  ShareQueues NONE =
      new ShareQueues() {
        @Override
        public boolean takeQueuesChanged() {
          return false;
        }

        @Override
        public Map<Integer, BandLoad> queued() {
          return Map.of();
        }

        @Override
        public void queuedElsewhere(long peer, int priority, BandLoad load) {}

        @Override
        public void peerGone(long peer) {}
      };

  /** Whether what is queued here may have changed since the last call. */
  boolean takeQueuesChanged();

  /** What is queued here; bands without requests are left out. */
  Map<Integer, BandLoad> queued();

  /** What a peer has queued in a band now; may come more than once. */
  void queuedElsewhere(long peer, int priority, BandLoad load);

  /** A peer is gone, and its queues with it. */
  void peerGone(long peer);
}
