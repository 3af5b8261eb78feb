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

  @Override
  public void close() {
    ticking.cancel(false);
  }
}
