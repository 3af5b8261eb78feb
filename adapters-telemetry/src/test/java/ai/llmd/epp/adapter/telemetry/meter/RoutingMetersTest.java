package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.Decisions;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RoutingMetersTest {

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final RoutingMeters meters =
      new RoutingMeters(registry, new LabelLimits(), new PluginDurations(registry), () -> 0);

  private void decide(RoutingDecision decision) {
    meters.decided(decision);
  }

  private List<String> family(String name) {
    return Pages.family(registry, name);
  }

  @Test
  void countsWhereRequestsWereSent() {
    decide(Decisions.route());

    assertThat(family("llm_d_epp_scheduler_attempts_total"))
        .containsExactly(
            "# TYPE llm_d_epp_scheduler_attempts_total counter",
            "llm_d_epp_scheduler_attempts_total{endpoint_name=\"pod-1\",namespace=\"ns\","
                + "port=\"8000\",status=\"success\",target_model_name=\"tuned\"} 1");
    assertThat(family("inference_extension_scheduler_attempts_total"))
        .contains(
            "inference_extension_scheduler_attempts_total{namespace=\"ns\",pod_name=\"pod-1\","
                + "port=\"8000\",status=\"success\",target_model_name=\"tuned\"} 1");
  }

  @Test
  void countsWhichRewriteChoseWhichModel() {
    decide(Decisions.route());
    decide(Decisions.reject(Reason.MALFORMED, Decisions.evidence("")));
    decide(Decisions.reject(Reason.SHED, Evidence.NONE));

    assertThat(family("llm_d_epp_model_rewrite_decisions_total"))
        .containsExactly(
            "# TYPE llm_d_epp_model_rewrite_decisions_total counter",
            "llm_d_epp_model_rewrite_decisions_total{model_name=\"llama\","
                + "model_rewrite_name=\"canary\",target_model=\"tuned\"} 2");
    assertThat(family("inference_extension_model_rewrite_decisions_total"))
        .contains(
            "inference_extension_model_rewrite_decisions_total{model_name=\"llama\","
                + "model_rewrite_name=\"canary\",target_model=\"tuned\"} 2");
  }

  @Test
  void showsRewrittenModelsWithinBounds() {
    PrometheusRegistry bounded = new PrometheusRegistry();
    RewriteMeters rewrites = new RewriteMeters(bounded, new LabelLimits());
    for (int i = 0; i < 12_000; i++) {
      rewrites.decided("rewrite-" + i, "m", "t");
    }

    List<String> shown = Pages.family(bounded, "llm_d_epp_model_rewrite_decisions_total");
    assertThat(shown).hasSize(1 + 10_000 + 1);
    assertThat(shown)
        .contains(
            "llm_d_epp_model_rewrite_decisions_total{model_name=\"other\","
                + "model_rewrite_name=\"other\",target_model=\"other\"} 2000");
  }

  @Test
  void countsFailedSchedulingWithoutADestination() {
    decide(Decisions.reject(Reason.ALL_FILTERED, Decisions.unsuccessful()));

    assertThat(family("llm_d_epp_scheduler_attempts_total"))
        .contains(
            "llm_d_epp_scheduler_attempts_total{endpoint_name=\"\",namespace=\"\",port=\"\","
                + "status=\"failure\",target_model_name=\"tuned\"} 1");
  }

  @Test
  void countsARefusalBehindTheSchedulerAsScheduled() {
    decide(Decisions.reject(Reason.NOT_CACHED, Decisions.evidence("")));

    assertThat(family("llm_d_epp_scheduler_attempts_total"))
        .anyMatch(line -> line.contains("status=\"success\""));
  }

  @Test
  void countsNoAttemptWhenTheSchedulerWasNotReached() {
    decide(Decisions.reject(Reason.SHED, Evidence.NONE));

    assertThat(family("llm_d_epp_scheduler_attempts_total")).isEmpty();
    assertThat(family("llm_d_epp_scheduler_e2e_duration_seconds"))
        .contains("llm_d_epp_scheduler_e2e_duration_seconds_count 0");
    assertThat(family("llm_d_epp_requests_rejected_total"))
        .contains("llm_d_epp_requests_rejected_total{reason=\"shed\"} 1");
  }

  @Test
  void timesTheSchedulerUnderBothNames() {
    decide(Decisions.route());

    assertThat(family("llm_d_epp_scheduler_e2e_duration_seconds"))
        .contains(
            "llm_d_epp_scheduler_e2e_duration_seconds_bucket{le=\"0.0001\"} 1",
            "llm_d_epp_scheduler_e2e_duration_seconds_bucket{le=\"+Inf\"} 1",
            "llm_d_epp_scheduler_e2e_duration_seconds_sum 4e-05");
    assertThat(family("inference_extension_scheduler_e2e_duration_seconds"))
        .contains("inference_extension_scheduler_e2e_duration_seconds_count 1");
  }

  @Test
  void timesEveryPlugin() {
    decide(Decisions.route());

    assertThat(family("llm_d_epp_plugin_duration_seconds"))
        .contains(
            count("DataProducer", "prefix", "approx"),
            count("ProfilePicker", "single", "single-profile-handler"),
            count("Filter", "role", "role-filter"),
            count("Scorer", "queue", "queue-scorer"),
            count("Picker", "max", "max-score-picker"));
  }

  private static String count(String extensionPoint, String name, String type) {
    return "llm_d_epp_plugin_duration_seconds_count{extension_point=\"%s\",plugin_name=\"%s\",plugin_type=\"%s\"} 1"
        .formatted(extensionPoint, name, type);
  }

  @Test
  void countsDegradedSteps() {
    decide(Decisions.route());
    assertThat(family("llm_d_epp_degraded_steps_total")).isEmpty();

    decide(Decisions.degradedRoute());
    assertThat(family("llm_d_epp_degraded_steps_total"))
        .contains(
            "llm_d_epp_degraded_steps_total{extension_point=\"DataProducer\","
                + "plugin_name=\"prefix\",plugin_type=\"approx\"} 1");
  }

  @Test
  void forgetsAnEndpointThatIsGone() {
    decide(Decisions.route());
    AtomicBoolean isReleased = new AtomicBoolean();

    meters.removed(new EndpointState(1, 1, Decisions.SECOND), () -> isReleased.set(true));

    assertThat(family("llm_d_epp_scheduler_attempts_total")).isEmpty();
    assertThat(isReleased).isTrue();

    decide(Decisions.route());
    assertThat(family("llm_d_epp_scheduler_attempts_total")).hasSize(2);
  }

  @Test
  void metersRequestsWithoutABodyToo() {
    decide(Decisions.reject(Reason.INTERNAL, Evidence.NONE));

    assertThat(family("llm_d_epp_requests_rejected_total"))
        .contains("llm_d_epp_requests_rejected_total{reason=\"internal\"} 1");
  }
}
