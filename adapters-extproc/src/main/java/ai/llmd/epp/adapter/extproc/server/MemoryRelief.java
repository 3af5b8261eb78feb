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
 * that part. Those that have just begun are spared, unless next to nothing is left: whoever sends
 * fast enough fills it with them alone. Any event loop.
 */
final class MemoryRelief {

  /** Unfinished bodies that hold less of all the room on one loop are not why it is short. */
  private static final int SHARE = 64;

  /** A small body has come after this long, or its client is slow. */
  private static final long SPARED_MILLIS = 100;

  /** When nothing could be given up, looking again so soon would come to the same. */
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final EventLoopGroup group;
  private final Supplier<LoopCalls> callsOfThisLoop;
  private final long mostHeld;

  /** Loops that have yet to look. */
  private final AtomicInteger underway = new AtomicInteger();

  private final AtomicInteger givenUp = new AtomicInteger();
  private volatile boolean sparesNone; // in the round that is under way
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
    if (bodies.isShort() && isDue(bodies.isNearlyFull()) && underway.compareAndSet(0, 1)) {
      sparesNone = bodies.isNearlyFull();
      givenUp.set(0);
      for (EventExecutor loop : group) {
        underway.incrementAndGet();
        loop.execute(this::relieve);
      }
      finished();
    }
  }

  /** The last round may have been in vain because it spared some, as the next one does not. */
  private boolean isDue(boolean isNearlyFull) {
    return (isNearlyFull && !sparesNone) || System.nanoTime() - lastInVainNanos >= PAUSE_NANOS;
  }

  private void relieve() {
    try {
      givenUp.addAndGet(callsOfThisLoop.get().relieve(mostHeld, sparesNone ? 0 : SPARED_MILLIS));
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
