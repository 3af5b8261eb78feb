package ai.llmd.epp.replication.receive;

import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.receive.WriterProgress.Gap;
import ai.llmd.epp.replication.send.Outbox;
import ai.llmd.epp.replication.store.StoreAccess;
import java.util.concurrent.TimeUnit;

/**
 * Gets back what was missed: first by retransmission from its writer, then by a snapshot from any
 * peer that has caught up; when there is none for the length of a lease, what was missed is lost.
 * The reader's thread only.
 *
 * <pre>
 *             log trimmed, writer gone, or retransmission failed
 *   Complete ────────────────────────────────────────────────────▶ SnapshotRequired
 *      ▲                                                                │
 *      └────────── snapshot loaded, or no peer has one to give ─────────┘
 * </pre>
 */
final class GapRepair {

  private static final long REQUEST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private sealed interface State {}

  /** Nothing is missing, or its writer is still being asked for it. */
  private record Complete() implements State {}

  private record SnapshotRequired(long sinceNanos) implements State {}

  private static final State COMPLETE = new Complete();

  private final StoreAccess store;
  private final Outbox outbox;
  private final Peers peers;
  private final WriterProgress progress;
  private State state = COMPLETE;
  private long nextRequestNanos;

  GapRepair(StoreAccess store, Outbox outbox, Peers peers, WriterProgress progress) {
    this.store = store;
    this.outbox = outbox;
    this.peers = peers;
    this.progress = progress;
    this.nextRequestNanos = store.nanos();
  }

  /** Something was missed that can only come from a snapshot. */
  void requireSnapshot() {
    if (state instanceof Complete) {
      state = new SnapshotRequired(store.nanos());
    }
  }

  boolean isSnapshotRequired() {
    return state instanceof SnapshotRequired;
  }

  /** Whether a snapshot would bring something that is missing. */
  boolean isSnapshotUseful() {
    return isSnapshotRequired() || progress.hasGaps();
  }

  void snapshotLoaded() {
    state = COMPLETE;
  }

  /** Requests retransmission of the gaps for which that is due; call at the end of the log. */
  void requestRetransmissions() {
    for (Gap gap : progress.dueForRequest(store.nanos())) {
      if (gap.requests() < WriterProgress.MAX_RETRANSMISSION_REQUESTS
          && peers.isAlive(gap.writer())) {
        outbox.add(batch -> batch.retransmissionRequest(gap.writer(), gap.from(), gap.to()));
      } else {
        requireSnapshot();
      }
    }
  }

  /** Requests a snapshot, every second while it is required, or gives up. */
  void requestSnapshot() {
    if (!(state instanceof SnapshotRequired required)) {
      return;
    }
    long now = store.nanos();
    if (peers.hasReadyPeer()) {
      if (now - nextRequestNanos >= 0) {
        nextRequestNanos = now + REQUEST_INTERVAL_NANOS;
        outbox.add(BatchWriter::snapshotRequest);
      }
    } else if (now - required.sinceNanos() >= store.settings().lease().toNanos()) {
      progress.abandonGaps();
      state = COMPLETE;
    }
  }
}
