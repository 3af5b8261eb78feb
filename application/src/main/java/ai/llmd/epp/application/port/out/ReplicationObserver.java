package ai.llmd.epp.application.port.out;

/** Observes replication, to log and to count it. Any thread; never blocks. */
public interface ReplicationObserver {

  /** The state changed. */
  void changed(Status status);

  /** Batches of this replica are in the store. */
  void appended(int batches, long bytes, long nanos);

  /**
   * A batch of a peer was applied.
   *
   * @param lagMicros since its first entry was added there, by both clocks; below 0 when they
   *     differ by more than that
   */
  void applied(long lagMicros);

  /** Something in the store is not a batch that this version understands; it is skipped. */
  void refused(String reason);

  void snapshotWritten(long bytes, long nanos);

  void snapshotRead(long bytes, long nanos);

  /** Whether replication works. */
  enum State {
    /** Catching up with what peers knew at the start. */
    JOINING,
    /** Sending and receiving. */
    SHARING,
    /** The store fails; requests are routed with local state. */
    CUT_OFF
  }

  /**
   * The current state.
   *
   * @param sinceMillis when the state was entered, wall clock
   * @param detail a sentence for the operator, without credentials
   */
  record Status(State state, long sinceMillis, String detail) {}
}
