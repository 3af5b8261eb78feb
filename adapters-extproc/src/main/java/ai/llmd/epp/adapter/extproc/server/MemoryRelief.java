package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Keeps room for requests that are small and come at once. Bodies that begin and do not end would
 * hold all there is for as long as a request may take to come, and whoever comes later would be
 * refused. When half of the part that is kept for small bodies is held, the unfinished ones among
 * them are given up instead, those first whose bytes times age are the most; large ones never have
 * that part. Any event loop.
 */
final class MemoryRelief {

  /** Unfinished bodies that hold less of all the room on one loop are not why it is short. */
  private static final int SHARE = 64;

  /** When nothing could be given up, looking again so soon would come to the same. */
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final EventLoopGroup group;
  private final Supplier<LoopCalls> callsOfThisLoop;
  private final long mostHeld;

  /** Loops that have yet to look. */
  private final AtomicInteger underway = new AtomicInteger();

  private final AtomicInteger givenUp = new AtomicInteger();
  private volatile long lastInVainNanos = System.nanoTime() - PAUSE_NANOS;

  /**
   * @param limit of all bodies together, in bytes
   */
  MemoryRelief(EventLoopGroup group, Supplier<LoopCalls> callsOfThisLoop, long limit) {
    this.group = group;
    this.callsOfThisLoop = callsOfThisLoop;
    this.mostHeld = limit / SHARE;
  }

  /**
   * Looks, after a message was handled, whether memory is short.
   *
   * @param bodies what the message's connection holds
   */
  void look(BufferedBytes bodies) {
    if (bodies.isShort()
        && System.nanoTime() - lastInVainNanos >= PAUSE_NANOS
        && underway.compareAndSet(0, 1)) {
      givenUp.set(0);
      for (EventExecutor loop : group) {
        underway.incrementAndGet();
        loop.execute(this::relieve);
      }
      finished();
    }
  }

  private void relieve() {
    try {
      givenUp.addAndGet(callsOfThisLoop.get().relieve(mostHeld));
    } finally {
      finished();
    }
  }

  private void finished() {
    if (underway.get() == 1 && givenUp.get() == 0) {
      lastInVainNanos = System.nanoTime();
    }
    underway.decrementAndGet();
  }
}
