package ai.llmd.epp.adapter.telemetry.meter;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * Metrics of the process and of the JVM, in the same registry as ours. Closing stops the listeners
 * that count garbage collections.
 */
public final class RuntimeMeters implements AutoCloseable {

  private final PrometheusMeterRegistry meters;
  private final JvmGcMetrics collections = new JvmGcMetrics();

  public RuntimeMeters(PrometheusRegistry registry) {
    meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, registry, Clock.SYSTEM);
    new ClassLoaderMetrics().bindTo(meters);
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
    collections.bindTo(meters);
    ProcessFigures.register(registry);
  }

  @Override
  public void close() {
    collections.close();
    meters.close();
  }
}
