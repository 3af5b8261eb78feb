package ai.llmd.epp.simulator.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import ai.llmd.epp.simulator.engine.Timeline;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;

/** Real time; all alarms of an event loop share its one timer. */
record LoopTimeline(EventLoop loop) implements Timeline {

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Alarm after(long delayNanos, Runnable task) {
    ScheduledFuture<?> future = loop.schedule(task, delayNanos, NANOSECONDS);
    return () -> future.cancel(false);
  }
}
