package ai.llmd.epp.replication.snapshot;

import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.Snapshot;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.replication.store.Backoff;
import ai.llmd.epp.replication.store.StoreAccess;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the snapshot in the store. The reader's thread only. */
public final class SnapshotLoader {

  private static final int MAX_ATTEMPTS = 3;

  private final StoreAccess store;

  public SnapshotLoader(StoreAccess store) {
    this.store = store;
  }

  /**
   * Applies the snapshot, chunk by chunk. One that is replaced meanwhile cannot be read to its end;
   * the new one is then read instead.
   *
   * @param chunks applies one, and returns whether it could
   * @return the log position that it includes everything up to; null when there is no snapshot, or
   *     a part of it is not readable, so that it includes nothing for certain
   */
  public @Nullable Position load(Predicate<byte[]> chunks) throws StoreException {
    for (int attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        return loadOnce(chunks);
      } catch (StoreException replaced) {
        LockSupport.parkNanos(this, Backoff.MIN_PAUSE_NANOS);
      }
    }
    return loadOnce(chunks);
  }

  private @Nullable Position loadOnce(Predicate<byte[]> chunks) throws StoreException {
    Snapshot snapshot = store.log().snapshot();
    if (snapshot == null) {
      return null;
    }
    long startedAt = store.nanos();
    long bytes = 0;
    boolean isWhole = true;
    for (byte[] chunk = snapshot.chunks().next(); chunk != null; chunk = snapshot.chunks().next()) {
      bytes += chunk.length;
      isWhole &= chunks.test(chunk);
    }
    store.observer().snapshotRead(bytes, store.nanos() - startedAt);
    return isWhole ? snapshot.position() : null;
  }
}
