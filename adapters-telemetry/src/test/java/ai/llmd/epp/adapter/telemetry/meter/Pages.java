package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.exposition.MetricsPage;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads what a scraper would read. */
final class Pages {

  private Pages() {}

  static String text(PrometheusRegistry registry) {
    return new String(new MetricsPage(registry).render("", "").body(), StandardCharsets.UTF_8);
  }

  /** The samples and the type of one family, without its help. */
  static List<String> family(PrometheusRegistry registry, String name) {
    return text(registry)
        .lines()
        .filter(
            line ->
                line.startsWith("# TYPE " + name + " ")
                    || line.matches(name + "(_bucket|_sum|_count)?[{ ].*"))
        .toList();
  }
}
