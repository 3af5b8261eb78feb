package ai.llmd.epp.adapter.telemetry.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.exposition.PrometheusText;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.latency.LatencyObserver.Outcome;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What was a plugin's goes from the page with it. */
class PluginSeriesTest {

  private static final Outcome MISSED = new Outcome(100, 90, 10, 9, 1, true, true);

  private final PrometheusRegistry registry = new PrometheusRegistry();

  private String page() throws IOException {
    StringWriter page = new StringWriter();
    PrometheusText.write(registry.scrape(), page, false);
    return page.toString();
  }

  @Test
  void predictedTimesOfARemovedProducerGo() throws IOException {
    var meters = new LatencyMeters(registry, new LabelLimits());
    meters.ended("stays", RequestLabels.anonymous("a"), MISSED);
    meters.ended("goes", RequestLabels.anonymous("b"), MISSED);
    assertThat(page()).contains("plugin_name=\"goes\"");

    meters.changed(List.of("stays"));
    meters.ended("goes", RequestLabels.anonymous("c"), MISSED); // one that was under way

    assertThat(page()).contains("plugin_name=\"stays\"").doesNotContain("plugin_name=\"goes\"");
  }

  @Test
  void sharesAndSelectorsOfARemovedScreenerGo() throws IOException {
    var meters = new RolloutMeters(registry);
    meters.shares("stays", "mode", Map.of("r1", 1.0));
    meters.unmatched("stays", "selector");
    meters.shares("goes", "mode", Map.of("r1", 1.0));
    meters.unmatched("goes", "selector");

    meters.changed(List.of("stays"), List.of());
    meters.unmatched("goes", "selector");

    assertThat(page())
        .contains("revision=\"r1\"", "selector=\"selector\"", "plugin_name=\"stays\"")
        .doesNotContain("plugin_name=\"goes\"");
  }

  @Test
  void aScreenerThatIsBuiltAnewCountsAnewAndShowsOneModeAlone() throws IOException {
    var meters = new RolloutMeters(registry);
    meters.shares("screener", "before", Map.of("r1", 1.0));
    meters.unmatched("screener", "old");

    meters.shares("screener", "after", Map.of("r1", 0.5));
    meters.changed(List.of(), List.of("screener"));
    meters.unmatched("screener", "new");

    assertThat(page())
        .contains("mode=\"after\"", "selector=\"new\"")
        .doesNotContain("mode=\"before\"")
        .doesNotContain("selector=\"old\"");
  }
}
