package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.calls.NonFatal;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Work in the order in which it was handed over. Any thread hands over and never waits; one thread
 * at a time works it off, and whatever it wrote is visible to the next one.
 *
 * <p>Nothing stays behind: who finds another thread at it leaves its work to that one, which looks
 * once more after it has stopped. Once this is closed, the thread that hands over also works off.
 */
final class WaitingWork {

  /** A piece of work, and how many of the waiting blocks it stands for; 0 when it may take long. */
  private record Command(int blocks, Runnable work) {

    boolean isShort() {
      return blocks > 0;
    }
  }

  private final Queue<Command> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger blocks = new AtomicInteger();
  private final AtomicBoolean isWorkedOff = new AtomicBoolean(); // by a thread at the moment
  private final int maxBlocks;
  private final Consumer<RuntimeException> failed;
  private volatile boolean isClosed;

  WaitingWork(int maxBlocks, Consumer<RuntimeException> failed) {
    this.maxBlocks = maxBlocks;
    this.failed = failed;
  }

  /**
   * Hands over short work unless too many blocks wait, or this is closed.
   *
   * @param count blocks, at least 1
   */
  boolean offer(int count, Runnable work) {
    if (isClosed || blocks.get() > maxBlocks - count) {
      return false;
    }
    blocks.addAndGet(count); // racing callers may exceed the bound by one record each
    add(new Command(count, work));
    return true;
  }

  /** Hands over work that may take long, whatever waits. */
  void add(Runnable work) {
    add(new Command(0, work));
  }

  private void add(Command command) {
    queue.add(command);
    if (isClosed) { // looked at after adding: whoever closes works off after closing
      workOff();
    }
  }

  /** From now on no thread is expected to come and work off. Work off once more afterwards. */
  void close() {
    isClosed = true;
  }

  boolean isClosed() {
    return isClosed;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  int blocks() {
    return blocks.get();
  }

  /**
   * Does what waits, unless another thread is at it.
   *
   * @return whether there was something to do
   */
  boolean workOff() {
    boolean hasWorked = false;
    while (!queue.isEmpty() && isWorkedOff.compareAndSet(false, true)) {
      try {
        doAll();
      } finally {
        isWorkedOff.set(false); // before looking again: others have left theirs to this thread
      }
      hasWorked = true;
    }
    return hasWorked;
  }

  /**
   * Does the short work at the head of the queue, unless another thread is at it, which then does
   * it.
   *
   * @param most pieces of work that are done
   * @return whether something is left that no thread is at
   */
  boolean workOffShort(int most) {
    int left = most;
    while (!queue.isEmpty() && isWorkedOff.compareAndSet(false, true)) {
      try {
        left = doShort(left);
      } finally {
        isWorkedOff.set(false); // before looking again, as above
      }
      Command head = queue.peek();
      if (head != null && (left == 0 || !head.isShort())) {
        if (!isClosed) {
          return true;
        }
        workOff(); // no thread comes any more, and those that closed may have left theirs to this
        // one
      }
    }
    return false;
  }

  private int doShort(int most) {
    int left = most;
    for (Command head = queue.peek(); left > 0 && head != null && head.isShort(); left--) {
      queue.remove();
      run(head);
      head = queue.peek();
    }
    return left;
  }

  private void doAll() {
    for (Command command = queue.poll(); command != null; command = queue.poll()) {
      run(command);
    }
  }

  private void run(Command command) {
    blocks.addAndGet(-command.blocks);
    try {
      command.work.run();
    } catch (Throwable thrown) { // whatever it is, the work behind it is to be done
      failed.accept(NonFatal.orThrow(thrown));
    }
  }
}
