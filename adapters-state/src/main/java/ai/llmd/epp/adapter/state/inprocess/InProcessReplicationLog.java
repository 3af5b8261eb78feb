package ai.llmd.epp.adapter.state.inprocess;

import ai.llmd.epp.application.port.out.ReplicationLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A bounded log in memory, with a handle for each of its users. */
final class InProcessReplicationLog {

  private final String room;
  private final int maxEntries;

  // all guarded by this
  private final Deque<ReplicationLog.Entry> entries = new ArrayDeque<>();
  private long newest;
  private long trimmedTo;
  private ReplicationLog.Position snapshotAt = ReplicationLog.Position.START;
  private @Nullable List<byte[]> snapshot;

  InProcessReplicationLog(String room, int maxEntries) {
    this.room = room;
    this.maxEntries = maxEntries;
  }

  ReplicationLog handle() {
    return new Handle();
  }

  synchronized void lose() {
    entries.clear();
    newest = 0;
    trimmedTo = 0;
    snapshot = null;
    notifyAll();
  }

  private final class Handle implements ReplicationLog {

    private volatile boolean isClosed;

    @Override
    public String name() {
      return "in-process";
    }

    @Override
    public String address() {
      return "room " + room;
    }

    @Override
    public Position append(List<byte[]> batches) throws StoreException {
      synchronized (InProcessReplicationLog.this) {
        requireOpen();
        for (byte[] batch : batches) {
          entries.add(new Entry(new Position(++newest, 0), batch.clone()));
        }
        while (entries.size() > maxEntries) {
          trimmedTo = entries.removeFirst().position().major();
        }
        InProcessReplicationLog.this.notifyAll();
        return new Position(newest, 0);
      }
    }

    @Override
    public Page read(Position after, int mostEntries, Duration wait) throws StoreException {
      synchronized (InProcessReplicationLog.this) {
        awaitNews(after, wait);
        boolean isRestarted = after.major() > newest;
        boolean hasGap = isRestarted || after.major() < trimmedTo;
        long from = isRestarted ? 0 : after.major();
        List<Entry> page =
            entries.stream().filter(e -> e.position().major() > from).limit(mostEntries).toList();
        Position next = page.isEmpty() ? new Position(newest, 0) : page.getLast().position();
        return new Page(page, next, hasGap);
      }
    }

    private void awaitNews(Position after, Duration wait) throws StoreException {
      requireOpen();
      long deadline = System.nanoTime() + wait.toNanos();
      while (after.major() == newest) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return;
        }
        try {
          InProcessReplicationLog.this.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StoreException("interrupted", e);
        }
        requireOpen();
      }
    }

    @Override
    public Extent extent() throws StoreException {
      synchronized (InProcessReplicationLog.this) {
        requireOpen();
        Position oldest =
            entries.isEmpty() ? new Position(newest, 0) : entries.getFirst().position();
        return new Extent(oldest, new Position(newest, 0));
      }
    }

    @Override
    public void putSnapshot(Position position, Chunks chunks) throws StoreException {
      List<byte[]> all = new ArrayList<>();
      for (byte[] chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
        all.add(chunk.clone());
      }
      synchronized (InProcessReplicationLog.this) {
        requireOpen();
        snapshotAt = position;
        snapshot = all;
      }
    }

    @Override
    public @Nullable Snapshot snapshot() throws StoreException {
      synchronized (InProcessReplicationLog.this) {
        requireOpen();
        if (snapshot == null) {
          return null;
        }
        Iterator<byte[]> left = snapshot.iterator();
        return new Snapshot(snapshotAt, () -> left.hasNext() ? left.next() : null);
      }
    }

    @Override
    public void close() {
      synchronized (InProcessReplicationLog.this) {
        isClosed = true;
        InProcessReplicationLog.this.notifyAll();
      }
    }

    private void requireOpen() throws StoreException {
      if (isClosed) {
        throw new StoreException("the log is closed");
      }
    }
  }
}
