package ai.llmd.epp.adapter.admin.server;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections of the admin port, each with a time by which its reader has to act. One that is
 * too many takes the place of the one whose reader has not acted for the longest: however many
 * readers sleep, a further one is served. Those whose answer is in the making, as a recording of
 * two minutes, stay as long as there are others. Any thread.
 */
final class OpenConnections implements Runnable {

  private static final long LOOK_EVERY_MILLIS = 250;

  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();

  // guarded by the lock
  private final LinkedHashSet<ReaderConnection> leastRecentFirst = new LinkedHashSet<>();
  private boolean isClosed;

  /**
   * @param most connections at once
   */
  OpenConnections(int most) {
    this.most = most;
  }

  /** Takes one in; false when there are none any more. */
  boolean add(ReaderConnection connection) {
    lock.lock();
    try {
      if (isClosed) {
        return false;
      }
      if (leastRecentFirst.size() >= most) {
        leastActive().giveUp();
      }
      leastRecentFirst.addLast(connection);
      opened.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Removes it. There is one at least. */
  private ReaderConnection leastActive() {
    for (Iterator<ReaderConnection> each = leastRecentFirst.iterator(); each.hasNext(); ) {
      ReaderConnection connection = each.next();
      if (connection.isAwaitingReader()) {
        each.remove();
        return connection;
      }
    }
    return leastRecentFirst.removeFirst();
  }

  /** Its reader asks, or has taken a piece of what it asked for. */
  void progressed(ReaderConnection connection) {
    lock.lock();
    try {
      if (leastRecentFirst.contains(connection)) {
        leastRecentFirst.addLast(connection);
      }
    } finally {
      lock.unlock();
    }
  }

  void remove(ReaderConnection connection) {
    lock.lock();
    try {
      leastRecentFirst.remove(connection);
    } finally {
      lock.unlock();
    }
  }

  int count() {
    lock.lock();
    try {
      return leastRecentFirst.size();
    } finally {
      lock.unlock();
    }
  }

  /** Gives up connections whose time is over, until interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        for (ReaderConnection connection : awaitSome()) {
          connection.giveUpWhenOver(System.nanoTime());
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private List<ReaderConnection> awaitSome() throws InterruptedException {
    lock.lock();
    try {
      while (leastRecentFirst.isEmpty()) {
        opened.await();
      }
      return new ArrayList<>(leastRecentFirst);
    } finally {
      lock.unlock();
    }
  }

  /** Gives all up, and takes no more in. */
  void close() {
    lock.lock();
    try {
      isClosed = true;
      leastRecentFirst.forEach(ReaderConnection::giveUp);
    } finally {
      lock.unlock();
    }
  }
}
