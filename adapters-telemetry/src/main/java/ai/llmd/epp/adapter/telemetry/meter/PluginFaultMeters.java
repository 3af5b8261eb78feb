package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.domain.calls.PluginFaults;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts every fault of a plugin and logs some: one with its stack trace each second at most, since
 * a plugin that is broken is broken for every request.
 */
public final class PluginFaultMeters implements PluginFaults {

  private static final Logger log = LoggerFactory.getLogger(PluginFaultMeters.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Counter faults;
  private final LongSupplier nanoClock;
  private final AtomicLong silentUntil;

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  public PluginFaultMeters(PrometheusRegistry registry, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.silentUntil = new AtomicLong(nanoClock.getAsLong());
    this.faults =
        Counter.builder()
            .name("llm_d_epp_plugin_faults_total")
            .help("[ALPHA] Exceptions thrown by plugins.")
            .labelNames("extension_point", "plugin_type", "plugin_name")
            .withoutExemplars()
            .register(registry);
  }

  @Override
  public void failed(String extensionPoint, String name, String type, RuntimeException cause) {
    faults.labelValues(extensionPoint, type, name).inc();
    long now = nanoClock.getAsLong();
    long until = silentUntil.get();
    if (now - until >= 0 && silentUntil.compareAndSet(until, now + QUIET_NANOS)) {
      log.atError()
          .addKeyValue("extensionPoint", extensionPoint)
          .addKeyValue("plugin", name)
          .addKeyValue("type", type)
          .setCause(cause)
          .log("plugin failed");
    }
  }
}
