package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Keeps room for requests that are small and come at once. Bodies that begin and do not end would
 * hold all there is for as long as a request may take to come, and whoever comes later would be
 * refused. When half of the part that is kept for small bodies is held, the unfinished ones among
 * them are given up instead, those first whose bytes times age are the most; large ones never have
 * that part. Those that have just begun are spared, unless little is left: whoever sends fast
 * enough fills it with them alone. Any event loop.
 */
final class MemoryRelief {

  /** Unfinished bodies that hold less of all the room on one loop are not why it is short. */
  private static final int SHARE = 64;

  /** A small body has come after this long, or its client is slow. */
  private static final long SPARED_MILLIS = 100;

  /** When nothing could be given up, looking again so soon would come to the same. */
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final Supplier<LoopCalls> callsOfThisLoop;
  private final long mostHeld;
  private final List<OfLoop> loops = new ArrayList<>();

  /**
   * @param limit of all bodies together, in bytes
   */
  MemoryRelief(EventLoopGroup group, Supplier<LoopCalls> callsOfThisLoop, long limit) {
    this.callsOfThisLoop = callsOfThisLoop;
    this.mostHeld = limit / SHARE;
    group.forEach(loop -> loops.add(new OfLoop(loop)));
  }

  /**
   * Looks, after a message was handled, whether memory is short.
   *
   * @param bodies what the message's connection holds
   */
  void look(BufferedBytes bodies) {
    if (bodies.isShort()) {
      boolean sparesNone = bodies.isNearlyFull();
      for (OfLoop each : loops) {
        each.begin(sparesNone);
      }
    }
  }

  /** Each by itself: one that has to wait for a processor must not keep the others from it. */
  private final class OfLoop {

    private final EventExecutor loop;
    private final AtomicBoolean isUnderway = new AtomicBoolean();
    private volatile long lastInVainNanos = System.nanoTime() - PAUSE_NANOS;

    /** When sparing none was in vain, too; that sparing some was says nothing about it. */
    private volatile long lastAllInVainNanos = lastInVainNanos;

    OfLoop(EventExecutor loop) {
      this.loop = loop;
    }

    void begin(boolean sparesNone) {
      if (isDue(sparesNone) && isUnderway.compareAndSet(false, true)) {
        loop.execute(() -> relieve(sparesNone));
      }
    }

    private boolean isDue(boolean sparesNone) {
      long lastNanos = sparesNone ? lastAllInVainNanos : lastInVainNanos;
      return System.nanoTime() - lastNanos >= PAUSE_NANOS;
    }

    private void relieve(boolean sparesNone) {
      try {
        if (callsOfThisLoop.get().relieve(mostHeld, sparesNone ? 0 : SPARED_MILLIS) == 0) {
          noteInVain(sparesNone);
        }
      } finally {
        isUnderway.set(false);
      }
    }

    private void noteInVain(boolean sparedNone) {
      lastInVainNanos = System.nanoTime();
      if (sparedNone) {
        lastAllInVainNanos = lastInVainNanos;
      }
    }
  }
}
