package ai.llmd.epp.adapter.telemetry.meter;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;

/** The process as every Prometheus client names it; NaN where the system has no figure. */
final class ProcessFigures {

  /** Sizes in pages: virtual, then resident; see proc(5). */
  private static final Path STATM = Path.of("/proc/self/statm");

  private static final int PAGE_BYTES = 4096;

  private ProcessFigures() {}

  static void register(PrometheusRegistry registry) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      CounterWithCallback.builder()
          .name("process_cpu_seconds_total")
          .help("Processor time used.")
          .callback(callback -> callback.call(unix.getProcessCpuTime() / 1e9))
          .register(registry);
      gauge(registry, "process_open_fds", "Open files.", unix::getOpenFileDescriptorCount);
      gauge(
          registry, "process_max_fds", "Files that may be open.", unix::getMaxFileDescriptorCount);
    }
    gauge(registry, "process_virtual_memory_bytes", "Address space used.", () -> pages(0));
    gauge(registry, "process_resident_memory_bytes", "Memory in use.", () -> pages(1));
  }

  private static void gauge(
      PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  private static double pages(int field) {
    try {
      return Double.parseDouble(Files.readString(STATM).split(" ", -1)[field]) * PAGE_BYTES;
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
