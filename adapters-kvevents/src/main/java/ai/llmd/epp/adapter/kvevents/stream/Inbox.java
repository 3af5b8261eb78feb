package ai.llmd.epp.adapter.kvevents.stream;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What connections received and the subscriber has not taken. Whoever adds waits while it is full:
 * then bytes stay in TCP, and after that with the publisher.
 *
 * <p>Holds at most 64 messages, of which the last one may go beyond 4 MiB.
 */
final class Inbox {

  private static final int MAX_MESSAGES = 64;
  private static final int MAX_BYTES = 4 << 20;

  private final Runnable wake;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Received> waiting = new ArrayDeque<>();
  private int bytes;

  /**
   * @param wake is called when there is something to take after there was nothing
   */
  Inbox(Runnable wake) {
    this.wake = wake;
  }

  void put(Received received) throws InterruptedException {
    boolean wasEmpty;
    lock.lockInterruptibly();
    try {
      while (waiting.size() >= MAX_MESSAGES || bytes >= MAX_BYTES) {
        room.await();
      }
      wasEmpty = waiting.isEmpty();
      waiting.add(received);
      bytes += received.bytes();
    } finally {
      lock.unlock();
    }
    if (wasEmpty) {
      wake.run();
    }
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** The next one; null for none. */
  @Nullable Received poll() {
    lock.lock();
    try {
      Received next = waiting.poll();
      if (next != null) {
        bytes -= next.bytes();
        room.signal();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }
}
