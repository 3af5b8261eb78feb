package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.flow.FlowFigures;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowQueues.Fill;
import ai.llmd.epp.domain.flow.PoolStages;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlowMetersTest {

  private static final String NEW = "llm_d_epp_flow_control_";
  private static final String OLD = "inference_extension_flow_control_";
  private static final int SHOWN_UNDER = 0; // the band of a priority that has none

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private long nowNanos = 1;
  private final FlowMeters meters =
      new FlowMeters(registry, new LabelLimits(), "pool", () -> nowNanos);

  private static RequestLabels labels(String fairnessId) {
    return new RequestLabels("r", "m", "t", fairnessId, 7);
  }

  private List<String> family(String name) {
    return Pages.family(registry, name);
  }

  private static String flow(String fairnessId, int priority) {
    return "fairness_id=\"%s\",inference_pool=\"pool\",model_name=\"m\"".formatted(fairnessId)
        + ",priority=\"%d\",target_model_name=\"t\"".formatted(priority);
  }

  private void queued(String fairnessId, FlowOutcome outcome) {
    Runnable left = meters.entered(labels(fairnessId), 10);
    meters.enqueued(labels(fairnessId), SHOWN_UNDER, FlowOutcome.NOT_YET_FINALIZED, 2_000_000);
    left.run();
    meters.finished(labels(fairnessId), SHOWN_UNDER, outcome, 3_000_000_000L);
  }

  @Test
  void gaugesAndCountersHaveTheRequestsPriorityAndTimesThatOfItsBand() {
    Runnable left = meters.entered(labels("a"), 10);
    for (String prefix : List.of(NEW, OLD)) {
      assertThat(family(prefix + "queue_size"))
          .contains(prefix + "queue_size{" + flow("a", 7) + "} 1");
      assertThat(family(prefix + "queue_bytes"))
          .contains(prefix + "queue_bytes{" + flow("a", 7) + "} 10");
    }
    left.run();
    queued("a", FlowOutcome.EVICTED_TTL);
    meters.passed(labels("a"), SHOWN_UNDER);

    assertThat(family(NEW + "queue_size")).contains(NEW + "queue_size{" + flow("a", 7) + "} 0");
    assertThat(family(NEW + "requests_total"))
        .contains(
            NEW + "requests_total{inference_pool=\"pool\",outcome=\"EvictedTTL\",priority=\"7\"} 1",
            NEW
                + "requests_total{inference_pool=\"pool\",outcome=\"Dispatched\",priority=\"7\"}"
                + " 1");
    for (String prefix : List.of(NEW, OLD)) {
      assertThat(family(prefix + "request_enqueue_duration_seconds"))
          .contains(
              prefix
                  + "request_enqueue_duration_seconds_count{fairness_id=\"a\""
                  + ",outcome=\"NotYetFinalized\",priority=\"0\"} 2");
      assertThat(family(prefix + "request_queue_duration_seconds"))
          .anyMatch(
              line ->
                  line.startsWith(prefix + "request_queue_duration_seconds_sum{")
                      && line.contains("outcome=\"EvictedTTL\",priority=\"0\"")
                      && line.endsWith(" 3"));
    }
  }

  @Test
  void whatIsTheSameToOperatorsIsOneSeries() {
    queued("a", FlowOutcome.REJECTED_OTHER);
    queued("a", FlowOutcome.REJECTED_CANCELLED);
    assertThat(family(NEW + "requests_total"))
        .contains(
            NEW
                + "requests_total{inference_pool=\"pool\",outcome=\"RejectedOther\",priority=\"7\"}"
                + " 2");
  }

  @Test
  void theSeriesOfAnIdleFlowGo() {
    queued("idle", FlowOutcome.DISPATCHED);
    nowNanos += Duration.ofMinutes(6).toNanos();
    queued("busy", FlowOutcome.DISPATCHED);
    for (String name :
        List.of(
            "queue_size",
            "queue_bytes",
            "request_queue_duration_seconds",
            "request_enqueue_duration_seconds")) {
      for (String prefix : List.of(NEW, OLD)) {
        assertThat(family(prefix + name))
            .as(prefix + name)
            .anyMatch(line -> line.contains("\"busy\""))
            .noneMatch(line -> line.contains("\"idle\""));
      }
    }
  }

  @Test
  void fullQueuesAndPoolAreShown() {
    meters.show(
        () ->
            new FlowFigures(
                new PoolStages(Double.NaN, 0.5, 0.5),
                List.of(new Fill(7, 1, 4, 10, 100)),
                Map.of(7, new QueueLoad(2, 5)),
                1,
                2,
                10,
                0,
                "detector",
                3,
                0.25,
                0.125));
    for (String prefix : List.of(NEW, OLD)) {
      assertThat(family(prefix + "pool_saturation"))
          .contains(
              prefix + "pool_saturation{inference_pool=\"pool\",stage=\"decode\"} 0.5",
              prefix + "pool_saturation{inference_pool=\"pool\",stage=\"effective\"} 0.5")
          .noneMatch(line -> line.contains("prefill"));
    }
    assertThat(family(NEW + "stale_endpoints"))
        .contains(NEW + "stale_endpoints{detector=\"detector\"} 3");
    String band = "{inference_pool=\"pool\",priority=\"7\"}";
    String pool = "{inference_pool=\"pool\"}";
    assertThat(family(NEW + "capacity_utilization_requests"))
        .contains(NEW + "capacity_utilization_requests" + band + " 0.25");
    assertThat(family(NEW + "capacity_utilization_bytes"))
        .contains(NEW + "capacity_utilization_bytes" + band + " 0.1");
    assertThat(family(NEW + "pool_queue_size")).contains(NEW + "pool_queue_size" + band + " 3");
    assertThat(family(NEW + "global_capacity_utilization_requests"))
        .contains(NEW + "global_capacity_utilization_requests" + pool + " 0.5");
    assertThat(family(NEW + "global_capacity_utilization_bytes"))
        .noneMatch(line -> line.contains(pool));
    assertThat(family(NEW + "reclaim_target")).contains(NEW + "reclaim_target" + pool + " 0.25");
    assertThat(family(NEW + "pending_reclaim")).contains(NEW + "pending_reclaim" + pool + " 0.125");
  }

  @Test
  void evictionsAreCounted() {
    meters.revoked(7);
    meters.revocationConfirmed(20_000_000);
    meters.revocationTimedOut();
    assertThat(family(NEW + "revocations_issued_total"))
        .contains(NEW + "revocations_issued_total{inference_pool=\"pool\",priority=\"7\"} 1");
    assertThat(family(NEW + "revocations_total"))
        .contains(
            NEW + "revocations_total{inference_pool=\"pool\",outcome=\"confirmed\"} 1",
            NEW + "revocations_total{inference_pool=\"pool\",outcome=\"timed_out\"} 1");
    assertThat(family(NEW + "revocation_confirmation_seconds"))
        .contains(
            NEW + "revocation_confirmation_seconds_bucket{inference_pool=\"pool\",le=\"0.025\"} 1");
  }
}
