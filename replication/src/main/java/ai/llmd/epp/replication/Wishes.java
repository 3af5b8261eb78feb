package ai.llmd.epp.replication;

/** What other replicas have asked for and what they have announced. The listener's thread only. */
final class Wishes implements Replica.Requests {

  private long resendFrom = Long.MAX_VALUE;
  private long resendTo;
  private boolean isSnapshotWanted;
  private boolean isSnapshotReady;

  @Override
  public void resend(long from, long to) {
    resendFrom = Math.min(resendFrom, from);
    resendTo = Math.max(resendTo, to);
  }

  @Override
  public void snapshotWanted() {
    isSnapshotWanted = true;
  }

  @Override
  public void snapshotReady() {
    isSnapshotReady = true;
  }

  /** Whether a snapshot is wanted; asked once for each wish. */
  boolean takeSnapshotWanted() {
    boolean was = isSnapshotWanted;
    isSnapshotWanted = false;
    return was;
  }

  /** Whether a snapshot was announced since the last call. */
  boolean takeSnapshotReady() {
    boolean was = isSnapshotReady;
    isSnapshotReady = false;
    return was;
  }

  /**
   * Says again what is missed.
   *
   * @return false when some of it is no longer known, so that only a snapshot helps
   */
  boolean grantResend(Outbox outbox) {
    if (resendTo == 0) {
      return true;
    }
    boolean isComplete = outbox.sayAgain(resendFrom, resendTo);
    resendFrom = Long.MAX_VALUE;
    resendTo = 0;
    return isComplete;
  }
}
