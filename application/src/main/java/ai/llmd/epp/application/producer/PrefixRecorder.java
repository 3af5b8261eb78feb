package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Writes prefix indexes, one thread at a time, in the order in which work was handed over. Any
 * thread may hand over; it never waits.
 *
 * <p>A record is done at once, by the thread that hands it over, so that the next request with the
 * same new prefix finds it: what two endpoints have once been sent stays split between them. While
 * another thread writes, that one does it as well. What may take long, as forgetting an endpoint
 * does, is left to a thread of its own, with the records behind it.
 *
 * <p>What is to be recorded is bounded by its blocks, and dropped and counted beyond the bound:
 * that costs cache hits only. What is to be forgotten is never dropped, because a slot waits for
 * it; there is at most one such command per endpoint that has gone.
 */
public final class PrefixRecorder implements IndexWriter, AutoCloseable {

  /** Bound on the blocks that wait: 8 MiB of hashes, 500 prompts of the longest kind. */
  public static final int DEFAULT_WAITING_BLOCKS = 1 << 20;

  /** Records that a thread does for others before it leaves the rest to the thread of its own. */
  private static final int MAX_FOR_OTHERS = 64;

  /** Rest after a round of work: what comes in bursts wakes the thread once. */
  private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final String THREAD = "prefix-recorder";

  /** After a round that failed. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

  /**
   * Blocks that were new to an endpoint, as the index names them: backwards. Used by whoever
   * writes.
   */
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
  private final WaitingWork waiting;
  private final LongAdder dropped = new LongAdder();
  private final ThreadGuard guard;
  private final Thread writer;
  private volatile boolean isStarted;
  private volatile boolean isAsleep;

  /**
   * @param maxWaitingBlocks bound on the blocks that wait to be recorded
   * @param failed receives what a command threw, on the thread that ran it; the next ones run
   *     nevertheless
   */
  public PrefixRecorder(int maxWaitingBlocks, Consumer<RuntimeException> failed) {
    this(maxWaitingBlocks, failed, ThreadObserver.NONE);
  }

  /**
   * As {@link #PrefixRecorder(int, Consumer)}.
   *
   * @param threads observes the thread of its own
   */
  public PrefixRecorder(
      int maxWaitingBlocks, Consumer<RuntimeException> failed, ThreadObserver threads) {
    if (maxWaitingBlocks < 1) {
      throw new IllegalArgumentException(
          "maxWaitingBlocks must be 1 or more, was " + maxWaitingBlocks);
    }
    this.maxWaitingBlocks = maxWaitingBlocks;
    this.waiting = new WaitingWork(maxWaitingBlocks, failed);
    this.guard = new ThreadGuard(THREAD, threads);
    this.writer = Thread.ofPlatform().name(THREAD).daemon().unstarted(this::run);
  }

  /** Starts the thread; what was handed over before is done now. */
  public void start() {
    writer.start();
    isStarted = true;
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
   * @param recorded receives, on the thread that writes, the blocks that the endpoint did not hold,
   *     in their order
   */
  void record(
      PrefixCacheIndex index,
      int slot,
      PrefixBlocks blocks,
      int capacity,
      BooleanSupplier isWanted,
      Consumer<long[]> recorded) {
    int count = blocks.totalBlocks();
    boolean isTaken =
        waiting.offer(
            count,
            () -> {
              if (isWanted.getAsBoolean()) {
                learned.begin(count);
                index.record(slot, blocks, capacity, learned);
                recorded.accept(learned.inOrder());
              }
            });
    if (!isTaken) {
      dropped.increment();
    } else if (isStarted && waiting.workOffShort(MAX_FOR_OTHERS)) {
      call();
    }
  }

  @Override
  public void forget(PrefixCacheIndex index, int slot, Runnable released) {
    run(
        () -> {
          try {
            index.forget(slot);
          } finally {
            released.run();
          }
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Once this is closed, on the calling thread.
   */
  @Override
  public void run(Runnable work) {
    waiting.add(work);
    call();
  }

  /** Records that were dropped because too much waited. */
  public long dropped() {
    return dropped.sum();
  }

  @Override
  public int waitingBlocks() {
    return waiting.blocks();
  }

  @Override
  public int maxWaitingBlocks() {
    return maxWaitingBlocks;
  }

  /** Does what was handed over, and ends the thread; waits for a few seconds at most. */
  @Override
  public void close() {
    waiting.close();
    try {
      if (writer.getState() != Thread.State.NEW) {
        LockSupport.unpark(writer);
        writer.join(CLOSE_BOUND);
      }
      if (!writer.isAlive()) {
        var isEmpty = new CountDownLatch(1);
        run(isEmpty::countDown); // does what waited for a start, or leaves it to who is at it
        isEmpty.await(CLOSE_BOUND.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void call() {
    if (isAsleep) {
      LockSupport.unpark(writer);
    }
  }

  private void run() {
    guard.begin();
    while (!waiting.isClosed()) {
      if (!guard.attempt(this::round)) {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
    guard.attempt(waiting::workOff);
  }

  private void round() {
    if (waiting.workOff()) {
      LockSupport.parkNanos(this, NAP_NANOS);
    } else {
      sleepUntilCalled();
    }
  }

  private void sleepUntilCalled() {
    isAsleep = true; // before looking once more: whoever adds after the look sees it and calls
    if (waiting.isEmpty() && !waiting.isClosed()) {
      LockSupport.park(this);
    }
    isAsleep = false;
  }
}
