package ai.llmd.epp.replication.receive;

import ai.llmd.epp.replication.send.Outbox;

/** What peers have requested and offered since it was last looked at. The reader's thread only. */
public final class PeerRequests {

  private long retransmitFrom = Long.MAX_VALUE;
  private long retransmitTo;
  private boolean isSnapshotRequested;
  private boolean isSnapshotAvailable;

  /** A peer missed batches of this replica. */
  void retransmission(long from, long to) {
    if (from < 1 || to < from) {
      return; // no batch has such a number
    }
    retransmitFrom = Math.min(retransmitFrom, from);
    retransmitTo = Math.max(retransmitTo, to);
  }

  /** A peer missed more than can be retransmitted. */
  void snapshot() {
    isSnapshotRequested = true;
  }

  /** A peer has put a snapshot into the store. */
  void snapshotAvailable() {
    isSnapshotAvailable = true;
  }

  /** Whether a snapshot was requested since the last call. */
  boolean takeSnapshotRequest() {
    boolean isRequested = isSnapshotRequested;
    isSnapshotRequested = false;
    return isRequested;
  }

  /** Whether a snapshot became available since the last call. */
  boolean takeSnapshotAvailable() {
    boolean isAvailable = isSnapshotAvailable;
    isSnapshotAvailable = false;
    return isAvailable;
  }

  /**
   * Queues the requested batches for retransmission.
   *
   * @return false when some are no longer kept, so that only a snapshot helps
   */
  boolean retransmit(Outbox outbox) {
    if (retransmitTo == 0) {
      return true;
    }
    boolean isComplete = outbox.retransmit(retransmitFrom, retransmitTo);
    retransmitFrom = Long.MAX_VALUE;
    retransmitTo = 0;
    return isComplete;
  }
}
