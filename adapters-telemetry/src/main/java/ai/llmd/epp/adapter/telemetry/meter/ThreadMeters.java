package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.domain.calls.NonFatal;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows which of the threads that are to run as long as the program do, counts what they survive,
 * and logs some of it: one failure with its stack trace each ten seconds at most. Threads of one
 * name are shown as one, the latest. Any thread.
 */
public final class ThreadMeters implements ThreadObserver {

  private static final Logger log = LoggerFactory.getLogger(ThreadMeters.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Map<String, Thread> threads = new ConcurrentHashMap<>();
  private final Counter failures;
  private final LongSupplier nanoClock;
  private final AtomicLong silentUntil;

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  public ThreadMeters(PrometheusRegistry registry, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.silentUntil = new AtomicLong(nanoClock.getAsLong());
    this.failures =
        Counter.builder()
            .name("llm_d_epp_thread_failures_total")
            .help("[ALPHA] Failures that a thread survived which runs as long as the program.")
            .labelNames("thread")
            .withoutExemplars()
            .register(registry);
    GaugeWithCallback.builder()
        .name("llm_d_epp_thread_alive")
        .help(
            "[ALPHA] 1 while a thread runs that is to run as long as the program, 0 once it ended.")
        .labelNames("thread")
        .callback(
            callback ->
                threads.forEach((name, thread) -> callback.call(thread.isAlive() ? 1 : 0, name)))
        .register(registry);
  }

  @Override
  public void started(Thread thread) {
    threads.put(thread.getName(), thread);
  }

  @Override
  public void failed(String thread, RuntimeException failure) {
    failures.labelValues(thread).inc();
    long now = nanoClock.getAsLong();
    long until = silentUntil.get();
    if (now - until >= 0 && silentUntil.compareAndSet(until, now + QUIET_NANOS)) {
      log.atError()
          .addKeyValue("thread", thread)
          .addKeyValue("failure", NonFatal.describe(failure))
          .setCause(NonFatal.origin(failure))
          .log("a thread failed and goes on");
    }
  }
}
