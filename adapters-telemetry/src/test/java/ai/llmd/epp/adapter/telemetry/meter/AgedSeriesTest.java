package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.port.out.ExchangeObserver.RoutedExchange;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of series when their labels make room for new ones. */
class AgedSeriesTest {

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final LabelLimits limits = new LabelLimits();
  private final EppMeters meters =
      new EppMeters(registry, limits, new PluginDurations(registry), StreamMeters.off());
  private final RewriteMeters rewrites = new RewriteMeters(registry, limits);
  private final ScheduledCounts attempts = new ScheduledCounts(registry);
  private long nowNanos;

  private List<String> family(String name) {
    return Pages.family(registry, name);
  }

  private RoutedExchange request(String fairnessId) {
    return meters.routed(new RequestLabels("r", "m", "t", fairnessId, 0), 100);
  }

  /** A thousand tenants come once, and one more finds no room. */
  private void tenantsFill() {
    tenMinutesPass();
    for (int i = 0; i < 1_000; i++) {
      request("tenant-" + i);
    }
    tenMinutesPass();
    request("late");
    assertThat(family("llm_d_epp_request_total"))
        .contains(series("llm_d_epp_request_total", "other", 1));
  }

  private void tenMinutesPass() {
    nowNanos += Duration.ofMinutes(10).toNanos();
    limits.age(nowNanos);
  }

  private static String series(String family, String fairnessId, int value) {
    return "%s{fairness_id=\"%s\",model_name=\"m\",priority=\"0\",target_model_name=\"t\"} %d"
        .formatted(family, fairnessId, value);
  }

  @Test
  void theSeriesOfThoseWhoAreNotSeenAnyMoreLeaveThePage() {
    tenantsFill();
    request("tenant-7");

    tenMinutesPass();
    request("late");

    assertThat(family("llm_d_epp_request_total"))
        .containsExactlyInAnyOrder(
            "# TYPE llm_d_epp_request_total counter",
            series("llm_d_epp_request_total", "tenant-7", 2),
            series("llm_d_epp_request_total", "other", 1),
            series("llm_d_epp_request_total", "late", 1));
    assertThat(family("llm_d_epp_request_size_bytes"))
        .contains(series("llm_d_epp_request_size_bytes_count", "tenant-7", 2))
        .noneMatch(line -> line.contains("tenant-8"));
  }

  @Test
  void whoComesBackIsCountedFromTheStart() {
    tenantsFill();
    tenMinutesPass();
    request("tenant-8");

    assertThat(family("llm_d_epp_request_total"))
        .contains(series("llm_d_epp_request_total", "tenant-8", 1));
  }

  @Test
  void aRequestThatRunsKeepsItsSeries() {
    tenMinutesPass();
    RoutedExchange exchange = request("long");
    exchange.running();
    tenantsFill();
    tenMinutesPass();
    assertThat(family("llm_d_epp_request_running"))
        .contains(series("llm_d_epp_request_running", "long", 1));

    exchange.ended(0);

    assertThat(family("llm_d_epp_request_running"))
        .contains(series("llm_d_epp_request_running", "long", 0));
  }

  @Test
  void deprecatedFamiliesNeverFallWhenSeriesLeaveThem() {
    tenantsFill();
    String total =
        "inference_objective_request_total{model_name=\"m\",priority=\"0\","
            + "target_model_name=\"t\"} %d";
    String count =
        "inference_objective_request_sizes_count{model_name=\"m\",target_model_name=\"t\"} %d";
    assertThat(family("inference_objective_request_total")).contains(total.formatted(1_001));
    assertThat(family("inference_objective_request_sizes")).contains(count.formatted(1_001));

    request("tenant-7");
    family("inference_objective_request_total");
    family("inference_objective_request_sizes");
    tenMinutesPass();

    assertThat(family("inference_objective_request_total")).contains(total.formatted(1_002));
    request("tenant-7");
    assertThat(family("inference_objective_request_total")).contains(total.formatted(1_003));
    assertThat(family("inference_objective_request_sizes")).contains(count.formatted(1_003));
  }

  @Test
  void modelsThatClientsMadeUpLeaveEveryFamily() {
    limits.follow(attempts);
    tenMinutesPass();
    for (int i = 0; i < 1_000; i++) {
      attempts.failed(limits.model("model-" + i));
      rewrites.decided("rule", "model-" + i, "model-" + i);
    }
    assertThat(limits.model("late")).isEqualTo("other");
    tenMinutesPass();
    attempts.failed(limits.model("late"));

    tenMinutesPass();

    assertThat(family("llm_d_epp_scheduler_attempts_total"))
        .noneMatch(line -> line.contains("model-"))
        .anyMatch(line -> line.contains("other"));
    assertThat(family("llm_d_epp_model_rewrite_decisions_total")).isEmpty();
  }
}
