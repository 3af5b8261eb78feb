package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.out.ReplicationLog.Position;

/**
 * How far the reader has come in joining its peers.
 *
 * <pre>
 *   Starting ──snapshot loaded, if there is one──▶ CatchingUp ──target reached, no gap──▶ Following
 * </pre>
 */
sealed interface ReaderPhase {

  ReaderPhase STARTING = new Starting();
  ReaderPhase FOLLOWING = new Following();

  /** Nothing was read yet; the store may be out of reach. */
  record Starting() implements ReaderPhase {}

  /**
   * The log is read up to what was its end at the start.
   *
   * @param target the newest position then
   * @param hasPeerSnapshot whether a peer has written a snapshot meanwhile that was loaded; batches
   *     missed after it are requested while requests are taken
   */
  record CatchingUp(Position target, boolean hasPeerSnapshot) implements ReaderPhase {

    CatchingUp withPeerSnapshot() {
      return new CatchingUp(target, true);
    }

    boolean hasReached(Position position) {
      return position.compareTo(target) >= 0;
    }
  }

  /** Everything is known that was known at the start; the log is read as it grows. */
  record Following() implements ReaderPhase {}
}
