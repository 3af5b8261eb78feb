package ai.llmd.epp.application.port.out;

/**
 * Hears how replicas keep one another informed, to log and to count it. Any thread; never blocks.
 */
public interface ReplicationObserver {

  /** The state changed. */
  void changed(Status status);

  /** Batches of this replica are in the store. */
  void appended(int batches, long bytes, long nanos);

  /**
   * A batch of another replica counts here from now on.
   *
   * @param lagMicros since its first entry was learned there, by both clocks; below 0 when they
   *     differ by more than that
   */
  void applied(long lagMicros);

  /** Something in the store is nothing that this version understands; it is passed over. */
  void refused(String reason);

  void snapshotWritten(long bytes, long nanos);

  void snapshotRead(long bytes, long nanos);

  /** Whether what is learned is shared. */
  enum State {
    /** Not everything is known yet that was to be known at the start. */
    JOINING,
    /** Told and heard. */
    SHARING,
    /** The store does not answer; requests are routed by what is known. */
    CUT_OFF
  }

  /**
   * How it stands.
   *
   * @param sinceMillis when the state was entered, wall clock
   * @param detail a sentence for the operator, without credentials
   */
  record Status(State state, long sinceMillis, String detail) {}
}
