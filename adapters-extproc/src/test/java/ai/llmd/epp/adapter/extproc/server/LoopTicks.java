package ai.llmd.epp.adapter.extproc.server;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Runs a task on an event loop every few milliseconds, as another stream's message would come, and
 * keeps how long it had to wait at most. That is measured in processor time of the loop, so that a
 * busy machine does not count.
 */
final class LoopTicks implements AutoCloseable {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long EVERY_MILLIS = 2;

  private final EventExecutor loop;
  private final ScheduledFuture<?> ticking;
  private long lastNanos; // the loop's alone
  private long mostNanos;
  private long looked; // or nobody would have to look

  private LoopTicks(EventExecutor loop) {
    this.loop = loop;
    this.ticking = loop.scheduleWithFixedDelay(this::tick, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Begins; to be ended by {@link #close}. */
  static LoopTicks on(EventExecutor loop) {
    return new LoopTicks(loop);
  }

  private void tick() {
    long now = THREADS.getCurrentThreadCpuTime();
    if (lastNanos > 0) {
      mostNanos = Math.max(mostNanos, now - lastNanos);
    }
    lastNanos = now;
  }

  /** The most since this was last asked. */
  Duration takeLongest() {
    return loop.submit(
            () -> {
              tick();
              Duration longest = Duration.ofNanos(mostNanos);
              mostNanos = 0;
              return longest;
            })
        .syncUninterruptibly()
        .getNow();
  }

  /**
   * What the loop needs now to look at so many bytes, one after the other, that have just come into
   * memory. A machine that is slower, or shares its cores at the moment, is so here, too.
   */
  Duration toLookAt(int bytes) {
    return loop.submit(
            () -> {
              long begun = THREADS.getCurrentThreadCpuTime();
              looked = hashed(looked, new byte[bytes]);
              return Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - begun);
            })
        .syncUninterruptibly()
        .getNow();
  }

  /** FNV-1a: each step needs the one before. */
  private static long hashed(long before, byte[] bytes) {
    long hash = before;
    for (byte next : bytes) {
      hash = (hash ^ next) * 0x100000001b3L;
    }
    return hash;
  }

  @Override
  public void close() {
    ticking.cancel(false);
  }
}
