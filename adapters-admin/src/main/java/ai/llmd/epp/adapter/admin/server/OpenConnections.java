package ai.llmd.epp.adapter.admin.server;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections of the admin port, each with a time by which it has to go on. One that is too
 * many takes the place of the one that has not gone on for the longest: however many readers sleep,
 * a further one is served. Any thread.
 */
final class OpenConnections implements Runnable {

  private static final long LOOK_EVERY_MILLIS = 250;

  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();

  // guarded by the lock
  private final LinkedHashSet<ReaderConnection> latestLast = new LinkedHashSet<>();
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
      if (latestLast.size() >= most) {
        latestLast.removeFirst().giveUp();
      }
      latestLast.addLast(connection);
      opened.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** It asks, or has been answered, or has taken a part of what it asked for. */
  void wentOn(ReaderConnection connection) {
    lock.lock();
    try {
      if (latestLast.contains(connection)) {
        latestLast.addLast(connection);
      }
    } finally {
      lock.unlock();
    }
  }

  void remove(ReaderConnection connection) {
    lock.lock();
    try {
      latestLast.remove(connection);
    } finally {
      lock.unlock();
    }
  }

  int count() {
    lock.lock();
    try {
      return latestLast.size();
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
      while (latestLast.isEmpty()) {
        opened.await();
      }
      return new ArrayList<>(latestLast);
    } finally {
      lock.unlock();
    }
  }

  /** Gives all up, and takes no more in. */
  void close() {
    lock.lock();
    try {
      isClosed = true;
      latestLast.forEach(ReaderConnection::giveUp);
    } finally {
      lock.unlock();
    }
  }
}
