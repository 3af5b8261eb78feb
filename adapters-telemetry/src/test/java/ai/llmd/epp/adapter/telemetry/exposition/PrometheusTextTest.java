package ai.llmd.epp.adapter.telemetry.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.Distribution;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.StringWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusTextTest {

  private final PrometheusRegistry registry = new PrometheusRegistry();

  @BeforeEach
  void fill() {
    Counter.builder()
        .name("a_total")
        .help("A \"quoted\" help\nin two lines.")
        .labelNames("l")
        .withoutExemplars()
        .register(registry)
        .labelValues("back\\slash \"quote\"\nline é")
        .inc();
    var histogram = new Distribution("b_seconds", "b", new double[] {0.5, 1, 2_000_000});
    registry.register(histogram);
    histogram.with().observe(1);
    histogram.with().observe(3e6);
    Gauge.builder().name("c_unused").labelNames("x").withoutExemplars().register(registry);
    Info.builder().name("d_info").labelNames("v").register(registry).setLabelValues("1");
    Summary.builder().name("e_bytes").withoutExemplars().register(registry).observe(2);
  }

  private String text(boolean isOpenMetrics) throws IOException {
    StringWriter page = new StringWriter();
    PrometheusText.write(registry.scrape(), page, isOpenMetrics);
    return page.toString();
  }

  @Test
  void writesTheTextFormatAsGoDoes() throws IOException {
    assertThat(text(false))
        .isEqualTo(
            """
            # HELP a_total A "quoted" help\\nin two lines.
            # TYPE a_total counter
            a_total{l="back\\\\slash \\"quote\\"\\nline é"} 1
            # HELP b_seconds b
            # TYPE b_seconds histogram
            b_seconds_bucket{le="0.5"} 0
            b_seconds_bucket{le="1"} 1
            b_seconds_bucket{le="2e+06"} 1
            b_seconds_bucket{le="+Inf"} 2
            b_seconds_sum 3.000001e+06
            b_seconds_count 2
            # TYPE c_unused gauge
            # TYPE d_info gauge
            d_info{v="1"} 1
            # TYPE e_bytes summary
            e_bytes_sum 2
            e_bytes_count 1
            """);
  }

  @Test
  void writesOpenMetrics() throws IOException {
    assertThat(text(true))
        .contains(
            "# TYPE a counter\n",
            "A \\\"quoted\\\" help",
            "\na_total{",
            "b_seconds_bucket{le=\"1.0\"} 1\n",
            "b_seconds_bucket{le=\"2e+06\"} 1\n",
            "# TYPE d info\nd_info{v=\"1\"} 1\n")
        .endsWith("# EOF\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "-3, -3",
    "32778, 32778",
    "131072, 131072",
    "999999, 999999",
    "1000000, 1e+06",
    "1048576, 1.048576e+06",
    "1073741824, 1.073741824e+09",
    "-15000000, -1.5e+07",
    "0.00205, 0.00205",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "1e21, 1e+21",
    "1e100, 1e+100",
    "123456.7, 123456.7",
    "NaN, NaN",
    "Infinity, +Inf",
    "-Infinity, -Inf"
  })
  void spellsNumbersAsGoDoes(double value, String spelling) {
    assertThat(GoNumber.format(value)).isEqualTo(spelling);
  }
}
