package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The one thread that writes prefix indexes, and the queue before it. Any thread may hand over; it
 * never waits.
 *
 * <p>What is to be recorded is bounded by its blocks, and dropped and counted beyond the bound:
 * that costs cache hits only. What is to be forgotten is never dropped, because a slot waits for
 * it; there is at most one such command per endpoint that has gone.
 */
public final class PrefixRecorder implements IndexWriter, AutoCloseable {

  /** Bound on the blocks that wait: 8 MiB of hashes, 500 prompts of the longest kind. */
  public static final int DEFAULT_WAITING_BLOCKS = 1 << 20;

  /**
   * Rest after a round of work. Waking a thread costs a request more than everything else here, so
   * under load the thread comes by itself instead of being called.
   */
  private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

  /** A piece of work, and how many of the waiting blocks it stands for. */
  private record Command(int blocks, Runnable work) {}

  /** Blocks that were new to an endpoint, as the index names them: backwards. Writer's thread. */
  private static final class Learned implements LongConsumer {
    private static final long[] NONE = new long[0];
    private long[] backwards = NONE;
    private int count;

    void begin(int most) {
      count = 0;
      if (backwards.length < most) {
        backwards = new long[most];
      }
    }

    @Override
    public void accept(long hash) {
      backwards[count++] = hash;
    }

    long[] inOrder() {
      if (count == 0) {
        return NONE;
      }
      long[] inOrder = new long[count];
      for (int i = 0; i < count; i++) {
        inOrder[i] = backwards[count - 1 - i];
      }
      return inOrder;
    }
  }

  private final Learned learned = new Learned();
  private final int maxWaitingBlocks;
  private final Consumer<RuntimeException> failed;
  private final Queue<Command> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingBlocks = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;
  private volatile boolean isAsleep;
  private volatile boolean isClosed;

  /**
   * @param maxWaitingBlocks bound on the blocks that wait to be recorded
   * @param failed told on the writer's thread when a command fails; the next ones run nevertheless
   */
  public PrefixRecorder(int maxWaitingBlocks, Consumer<RuntimeException> failed) {
    if (maxWaitingBlocks < 1) {
      throw new IllegalArgumentException(
          "maxWaitingBlocks must be 1 or more, was " + maxWaitingBlocks);
    }
    this.maxWaitingBlocks = maxWaitingBlocks;
    this.failed = failed;
    this.writer = Thread.ofPlatform().name("prefix-recorder").daemon().unstarted(this::run);
  }

  /** Starts the thread; what was handed over before is done now. */
  public void start() {
    writer.start();
  }

  @Override
  public void record(
      PrefixCacheIndex index,
      int slot,
      PrefixBlocks blocks,
      int capacity,
      BooleanSupplier isWanted) {
    record(index, slot, blocks, capacity, isWanted, learned -> {});
  }

  /**
   * As {@link #record(PrefixCacheIndex, int, PrefixBlocks, int, BooleanSupplier)}.
   *
   * @param told on the writer's thread, which blocks the endpoint did not hold, in their order
   */
  void record(
      PrefixCacheIndex index,
      int slot,
      PrefixBlocks blocks,
      int capacity,
      BooleanSupplier isWanted,
      Consumer<long[]> told) {
    int count = blocks.totalBlocks();
    if (isClosed || waitingBlocks.get() > maxWaitingBlocks - count) {
      dropped.increment();
      return;
    }
    waitingBlocks.addAndGet(count); // racing callers may exceed the bound by one record each
    hand(
        new Command(
            count,
            () -> {
              if (isWanted.getAsBoolean()) {
                learned.begin(count);
                index.record(slot, blocks, capacity, learned);
                told.accept(learned.inOrder());
              }
            }));
  }

  @Override
  public void forget(PrefixCacheIndex index, int slot, Runnable released) {
    if (isClosed) {
      released.run(); // nobody writes or reads any more
      return;
    }
    hand(
        new Command(
            0,
            () -> {
              try {
                index.forget(slot);
              } finally {
                released.run();
              }
            }));
  }

  @Override
  public void run(Runnable work) {
    if (isClosed) {
      work.run(); // nobody writes any more
    } else {
      hand(new Command(0, work));
    }
  }

  /** Records that were dropped because too much waited. */
  public long dropped() {
    return dropped.sum();
  }

  @Override
  public int waitingBlocks() {
    return waitingBlocks.get();
  }

  @Override
  public int maxWaitingBlocks() {
    return maxWaitingBlocks;
  }

  /**
   * Waits until everything that was handed over before is done.
   *
   * @return false when the bound came first
   */
  public boolean awaitQuiet(Duration bound) throws InterruptedException {
    var reached = new CountDownLatch(1);
    hand(new Command(0, reached::countDown));
    return reached.await(bound.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Does what was handed over, and ends the thread; waits for a few seconds at most. */
  @Override
  public void close() {
    isClosed = true;
    if (writer.getState() != Thread.State.NEW) {
      LockSupport.unpark(writer);
      awaitEnd();
    }
    if (!writer.isAlive()) {
      workOff(); // what slipped in behind the writer's last look, or waited for a start
    }
  }

  private void awaitEnd() {
    try {
      writer.join(CLOSE_BOUND);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hand(Command command) {
    queue.add(command);
    if (isAsleep) {
      LockSupport.unpark(writer);
    }
  }

  private void run() {
    while (!isClosed) {
      if (workOff()) {
        LockSupport.parkNanos(this, NAP_NANOS);
      } else {
        sleepUntilCalled();
      }
    }
    workOff();
  }

  private void sleepUntilCalled() {
    isAsleep = true; // before looking once more: whoever adds after the look sees it and calls
    if (queue.isEmpty() && !isClosed) {
      LockSupport.park(this);
    }
    isAsleep = false;
  }

  private boolean workOff() {
    boolean hasWorked = false;
    for (Command command = queue.poll(); command != null; command = queue.poll()) {
      hasWorked = true;
      waitingBlocks.addAndGet(-command.blocks);
      try {
        command.work.run();
      } catch (RuntimeException e) {
        failed.accept(e);
      }
    }
    return hasWorked;
  }
}
