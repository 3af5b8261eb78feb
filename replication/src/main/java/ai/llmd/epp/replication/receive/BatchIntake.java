package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.batch.BatchReader;
import ai.llmd.epp.replication.batch.MalformedBatchException;
import ai.llmd.epp.replication.store.StoreAccess;
import ai.llmd.epp.replication.store.StoreHealth;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Decodes batches and applies them, no faster than the index writer follows, so that it never has
 * to drop blocks. The reader's thread only.
 */
public final class BatchIntake {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final StoreAccess store;
  private final IndexWriter indexes;
  private final BatchApplier applier;
  private final ThreadGuard guard;
  private volatile boolean isStopped;

  public BatchIntake(StoreAccess store, IndexWriter indexes, BatchApplier applier) {
    this.store = store;
    this.indexes = indexes;
    this.applier = applier;
    this.guard = new ThreadGuard("replication-reader", store.threads());
  }

  /** Applies a batch from the log, and reports its lag once its blocks are in the index. */
  void acceptBatch(byte[] batch) {
    if (BatchReader.isChunk(batch)) {
      store.observer().refused("a chunk of a snapshot in the log");
      return;
    }
    if (!apply(batch)) {
      return;
    }
    BatchHead head = applier.head();
    if (head.writer() != store.writer()) {
      indexes.run(() -> store.observer().applied(store.micros() - head.openedAtMicros()));
    }
  }

  /**
   * Applies a chunk of a snapshot.
   *
   * @return false when it could not be read to its end
   */
  boolean acceptChunk(byte[] chunk) {
    store.health().beat(StoreHealth.Use.READ, store.nanos());
    if (!BatchReader.isChunk(chunk)) {
      store.observer().refused("a snapshot with something else than its chunks");
      return false;
    }
    return apply(chunk);
  }

  private boolean apply(byte[] batch) {
    awaitIndexWriter();
    try {
      BatchReader.read(batch, applier);
      return true;
    } catch (MalformedBatchException e) {
      store.observer().refused(String.valueOf(e.getMessage()));
      return false;
    } catch (Throwable thrown) { // one batch, whatever is in it, is no reason to read no other
      RuntimeException failure = NonFatal.orThrow(thrown);
      guard.report(failure);
      store.observer().refused("applying it " + NonFatal.describe(failure));
      return false;
    }
  }

  private void awaitIndexWriter() {
    while (indexes.waitingBlocks() > indexes.maxWaitingBlocks() / 2 && !isStopped) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
  }

  /** Entries of peers applied so far. */
  long applied() {
    return applier.applied();
  }

  /** Waits for the index writer no longer. Any thread. */
  void stop() {
    isStopped = true;
  }
}
