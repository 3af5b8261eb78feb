package ai.llmd.epp.adapter.telemetry.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.application.port.out.RequestTrace;
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

  @Test
  void showsATracedRequestOfEachBucketInOpenMetricsAlone() throws IOException {
    var histogram = new Distribution("f_seconds", "f", new double[] {0.5, 1, 2});
    registry.register(histogram);
    String trace = "0af7651916cd43dd8448eb211c80319c";
    histogram.with().observe(0.4, null);
    histogram.with().observe(0.75, new RequestTrace.Ids(trace, "b7ad6b7169203331"));
    histogram.with().observe(0.8, new RequestTrace.Ids(trace, "b7ad6b7169203332"));
    histogram.with().observe(5, new RequestTrace.Ids(trace, "b7ad6b7169203333"));

    assertThat(text(true))
        .contains("f_seconds_bucket{le=\"0.5\"} 1\n", "f_seconds_bucket{le=\"2.0\"} 3\n")
        .containsPattern(
            "f_seconds_bucket\\{le=\"1\\.0\"} 3 # \\{trace_id=\"0af7651916cd43dd8448eb211c80319c\","
                + "span_id=\"b7ad6b7169203332\"} 0\\.8 \\d+\\.\\d{3}\n")
        .containsPattern("le=\"\\+Inf\"} 4 # \\{trace_id=.*333\"} 5 \\d+");
    assertThat(text(false)).contains("f_seconds_bucket{le=\"1\"} 3\n").doesNotContain("trace_id");
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
