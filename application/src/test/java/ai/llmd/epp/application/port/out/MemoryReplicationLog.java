package ai.llmd.epp.application.port.out;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log in this process, for tests: replicas in one JVM share an instance, and a test may trim,
 * lose and cut it.
 */
public final class MemoryReplicationLog implements ReplicationLog {

  // all guarded by this
  private final List<Entry> entries = new ArrayList<>();
  private long newest;
  private long trimmedTo;
  private boolean isCut;
  private boolean isClosed;
  private Position snapshotAt = Position.START;
  private @Nullable List<byte[]> snapshot;

  @Override
  public String name() {
    return "test";
  }

  @Override
  public String address() {
    return "this process";
  }

  @Override
  public synchronized Position append(List<byte[]> batches) throws StoreException {
    requireOpen();
    for (byte[] batch : batches) {
      entries.add(new Entry(new Position(++newest, 0), batch.clone()));
    }
    notifyAll();
    return new Position(newest, 0);
  }

  @Override
  public synchronized Page read(Position after, int mostEntries, Duration wait)
      throws StoreException {
    requireOpen();
    long deadline = System.nanoTime() + wait.toNanos();
    while (after.major() == newest && !isClosed) {
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return new Page(List.of(), after, false);
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException("interrupted", e);
      }
      requireOpen();
    }
    boolean isRestarted = after.major() > newest;
    boolean hasGap = isRestarted || after.major() < trimmedTo;
    long from = isRestarted ? 0 : after.major();
    List<Entry> page =
        entries.stream().filter(e -> e.position().major() > from).limit(mostEntries).toList();
    Position next = page.isEmpty() ? new Position(newest, 0) : page.getLast().position();
    return new Page(page, next, hasGap);
  }

  @Override
  public synchronized Extent extent() throws StoreException {
    requireOpen();
    Position oldest = entries.isEmpty() ? new Position(newest, 0) : entries.getFirst().position();
    return new Extent(oldest, new Position(newest, 0));
  }

  @Override
  public void putSnapshot(Position position, Chunks chunks) throws StoreException {
    List<byte[]> all = new ArrayList<>();
    for (byte[] chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
      all.add(chunk.clone());
    }
    synchronized (this) {
      requireOpen();
      snapshotAt = position;
      snapshot = all;
    }
  }

  @Override
  public synchronized @Nullable Snapshot snapshot() throws StoreException {
    requireOpen();
    if (snapshot == null) {
      return null;
    }
    var left = snapshot.iterator();
    return new Snapshot(snapshotAt, () -> left.hasNext() ? left.next() : null);
  }

  /** Forgets the oldest entries but the last few. */
  public synchronized void trim(int keep) {
    while (entries.size() > keep) {
      trimmedTo = entries.removeFirst().position().major();
    }
  }

  /** Loses everything, as a store without persistence that is restarted. */
  public synchronized void lose() {
    entries.clear();
    newest = 0;
    trimmedTo = 0;
    snapshot = null;
    notifyAll();
  }

  /** Every call throws from now on, or no longer. */
  public synchronized void cut(boolean isCutNow) {
    isCut = isCutNow;
    notifyAll();
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }

  private void requireOpen() throws StoreException {
    if (isCut || isClosed) {
      throw new StoreException("the log cannot be reached");
    }
  }
}
