package ai.llmd.epp.application.port.out;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log that all replicas of a pool append to and read, and a place for a snapshot of what it came
 * to. It knows nothing of its contents.
 *
 * <p>Entries have an order that every reader sees alike. They are kept for a bounded time and may
 * be lost with the store: readers notice by {@link Page#hasGap()} and by the sequence numbers of
 * the batches. An append whose outcome is unknown is repeated, so an entry may occur twice.
 *
 * <p>Every call ends within the deadline that the store was given, whatever the network does, and
 * throws when it could not be carried out. One thread appends, one reads, one handles snapshots;
 * none of them waits for another.
 */
public interface ReplicationLog extends AutoCloseable {

  /** As in configuration and metrics: {@code redis}, {@code hazelcast}. */
  String name();

  /** Where it is, for the operator; holds no credentials. */
  String address();

  /**
   * Whether this replica's own part of the store is being started for the first time, which may
   * take seconds and is no failure; calls throw meanwhile.
   */
  default boolean isStarting() {
    return false;
  }

  /**
   * Appends batches, in order; when it throws, some may have been appended.
   *
   * @param batches one or more, of at most some hundred KiB each
   * @return the position of the last one
   */
  Position append(List<byte[]> batches) throws StoreException;

  /**
   * What comes after a position; waits for it when there is nothing yet.
   *
   * @param after {@link Position#START} or a position that this log gave
   * @param mostEntries bound on the entries returned, 1 to 1000; when there are fewer, the log had
   *     no more just now
   * @param wait how long to wait when there is nothing, beside the deadline
   */
  Page read(Position after, int mostEntries, Duration wait) throws StoreException;

  /** Where the log begins and ends now. */
  Extent extent() throws StoreException;

  /**
   * Puts a snapshot in place of the one before. Readers see the old one or the new one as a whole.
   *
   * @param position what it contains is everything up to here
   * @param chunks taken one after the other, of at most 1 MiB each
   */
  void putSnapshot(Position position, Chunks chunks) throws StoreException;

  /**
   * The snapshot in place, or null when there is none. To take its chunks throws when it was
   * replaced meanwhile; ask again.
   */
  @Nullable Snapshot snapshot() throws StoreException;

  /** Lets go of all connections; calls under way throw. */
  @Override
  void close();

  /**
   * A place in the log; comparable within one life of the log only. Both numbers are unsigned.
   *
   * @param major of a Redis stream the milliseconds, of a ringbuffer the sequence plus one
   * @param minor of a Redis stream the number within the millisecond, else 0
   */
  record Position(long major, long minor) implements Comparable<Position> {

    /** Before the first entry. */
    public static final Position START = new Position(0, 0);

    @Override
    public int compareTo(Position other) {
      int byMajor = Long.compareUnsigned(major, other.major);
      return byMajor != 0 ? byMajor : Long.compareUnsigned(minor, other.minor);
    }
  }

  /** What was appended, and where it came to stand. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(Position position, byte[] batch) {}

  /**
   * A stretch of the log.
   *
   * @param entries in order; none when nothing came
   * @param next from where to read on: the last entry, or the position asked for; after a gap
   *     without entries the new end of the log
   * @param hasGap entries after the position asked for are gone: the log was trimmed behind it, or
   *     lost and begun anew
   */
  record Page(List<Entry> entries, Position next, boolean hasGap) {

    public Page {
      entries = List.copyOf(entries);
    }
  }

  /**
   * The ends of the log; both {@link Position#START} when it is empty and ever was.
   *
   * @param oldest the first entry that is still there
   * @param newest the last entry
   */
  record Extent(Position oldest, Position newest) {}

  /**
   * A snapshot in the store.
   *
   * @param position what it contains is everything up to here
   * @param chunks to be read once, while no other call handles snapshots
   */
  record Snapshot(Position position, Chunks chunks) {}

  /** A sequence of byte strings, taken one by one. */
  @FunctionalInterface
  interface Chunks {

    /** The next one, or null behind the last. */
    byte @Nullable [] next() throws StoreException;
  }

  /** Why a call to the store failed, in one sentence without credentials. */
  final class StoreException extends Exception {

    private static final long serialVersionUID = 1L;

    public StoreException(String message) {
      super(message);
    }

    public StoreException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
