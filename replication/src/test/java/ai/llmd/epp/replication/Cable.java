package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.ReplicationLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One replica's connection to the store, which a test can cut and hang, and make lose or duplicate
 * appends.
 */
final class Cable implements ReplicationLog {

  private final ReplicationLog store;
  private volatile boolean isCut;
  private volatile boolean isHung;
  private volatile boolean losesAppends;
  private volatile boolean duplicatesAppends;
  private volatile boolean isClosed;
  private final Set<String> throwsOnce = ConcurrentHashMap.newKeySet();

  /** The next call of this method fails as only broken code does. */
  void throwOnce(String method) {
    throwsOnce.add(method);
  }

  /** Whether such a failure is still to come. */
  boolean isToThrow(String method) {
    return throwsOnce.contains(method);
  }

  private void mayThrow(String method) {
    if (throwsOnce.remove(method)) {
      throw new AssertionError("broken: " + method);
    }
  }

  Cable(ReplicationLog store) {
    this.store = store;
  }

  void cut(boolean isCutNow) {
    isCut = isCutNow;
  }

  /** Calls block until this is released or closed. */
  synchronized void hang(boolean hangsNow) {
    isHung = hangsNow;
    notifyAll();
  }

  /** Appends seem to work and nothing arrives, as after a failover to a primary that lags. */
  void loseAppends(boolean losesNow) {
    losesAppends = losesNow;
  }

  void duplicateAppends(boolean duplicatesNow) {
    duplicatesAppends = duplicatesNow;
  }

  private synchronized void pass() throws StoreException {
    while (isHung && !isClosed) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException("interrupted", e);
      }
    }
    if (isCut || isClosed) {
      throw new StoreException("no route to the store");
    }
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public String address() {
    return store.address();
  }

  @Override
  public Position append(List<byte[]> batches) throws StoreException {
    mayThrow("append");
    pass();
    if (losesAppends) {
      return store.extent().newest();
    }
    List<byte[]> sent = new ArrayList<>(batches);
    if (duplicatesAppends) {
      sent.addAll(batches.reversed());
    }
    return store.append(sent);
  }

  @Override
  public Page read(Position after, int mostEntries, Duration wait) throws StoreException {
    mayThrow("read");
    pass();
    Page page = store.read(after, mostEntries, wait);
    pass();
    return page;
  }

  @Override
  public Extent extent() throws StoreException {
    mayThrow("extent");
    pass();
    return store.extent();
  }

  @Override
  public void putSnapshot(Position position, Chunks chunks) throws StoreException {
    mayThrow("putSnapshot");
    pass();
    store.putSnapshot(position, chunks);
  }

  @Override
  public @Nullable Snapshot snapshot() throws StoreException {
    mayThrow("snapshot");
    pass();
    Snapshot snapshot = store.snapshot();
    return snapshot == null
        ? null
        : new Snapshot(
            snapshot.position(),
            () -> {
              mayThrow("chunk");
              return snapshot.chunks().next();
            });
  }

  @Override
  public boolean isStarting() {
    mayThrow("isStarting");
    return store.isStarting();
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }
}
