package ai.llmd.epp.replication.batch;

/**
 * The header of a batch.
 *
 * @param writer the replica, a random number for each start of the program
 * @param sequence number of the batch among this writer's, from 1; 0 in a snapshot
 * @param openedAtMicros wall clock of the writer when it added the first entry, in microseconds
 *     since the epoch
 * @param isReady whether the writer has caught up with its peers
 * @param isWholeLoad whether the batch lists all of the writer's work in flight, so that endpoints
 *     not mentioned have none
 * @param isFarewell whether this is the writer's last batch
 */
public record BatchHead(
    long writer,
    long sequence,
    long openedAtMicros,
    boolean isReady,
    boolean isWholeLoad,
    boolean isFarewell) {

  private static final int READY = 1;
  private static final int WHOLE_LOAD = 2;
  private static final int FAREWELL = 4;

  static BatchHead of(long writer, long sequence, long openedAtMicros, int flags) {
    return new BatchHead(
        writer,
        sequence,
        openedAtMicros,
        (flags & READY) != 0,
        (flags & WHOLE_LOAD) != 0,
        (flags & FAREWELL) != 0);
  }

  int flags() {
    return (isReady ? READY : 0) | (isWholeLoad ? WHOLE_LOAD : 0) | (isFarewell ? FAREWELL : 0);
  }

  /** The header of one chunk of a snapshot. */
  public static BatchHead ofSnapshot(long writer, long openedAtMicros) {
    return new BatchHead(writer, 0, openedAtMicros, true, false, false);
  }

  public boolean isSnapshot() {
    return sequence == 0;
  }
}
