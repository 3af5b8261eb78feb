package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.exposition.PrometheusText;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** Reads what a scraper would read. */
final class Pages {

  private Pages() {}

  static String text(PrometheusRegistry registry) {
    StringWriter page = new StringWriter();
    try {
      PrometheusText.write(registry.scrape(), page, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return page.toString();
  }

  /** The samples and the type of one family, without its help; empty without a sample. */
  static List<String> family(PrometheusRegistry registry, String name) {
    List<String> lines =
        text(registry)
            .lines()
            .filter(
                line ->
                    line.startsWith("# TYPE " + name + " ")
                        || line.matches(name + "(_bucket|_sum|_count)?[{ ].*"))
            .toList();
    return lines.size() == 1 && lines.getFirst().startsWith("# ") ? List.of() : lines;
  }
}
