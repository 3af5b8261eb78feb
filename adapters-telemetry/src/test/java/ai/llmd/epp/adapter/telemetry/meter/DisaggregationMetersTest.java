package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.Decisions;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.decider.AlwaysDisaggDecider;
import ai.llmd.epp.domain.scheduling.handler.DisaggParameters;
import ai.llmd.epp.domain.scheduling.handler.DisaggProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.PdProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.SingleProfileHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DisaggregationMetersTest {

  private static final Picker ALL = (cycle, totals) -> cycle.candidates();

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final DisaggregationMeters meters = new DisaggregationMeters(registry, new LabelLimits());

  private void schedule(ProfileHandler handler, String type, int endpoints) {
    schedule(meters.counted(new Named<>("mine", type, handler)), "tuned", endpoints);
  }

  private static void schedule(Named<ProfileHandler> counted, String model, int endpoints) {
    var request = new InferenceRequest(Decisions.REQUEST.received(), model, 0, "");
    List<SchedulingProfile> profiles =
        Stream.of("decode", "prefill")
            .map(
                name ->
                    new SchedulingProfile(
                        name, List.of(), List.of(), new Named<>("all", "test", ALL)))
            .toList();
    var candidate = new Candidate(0, Decisions.SECOND, EndpointLoad.UNSAMPLED);
    var candidates = Candidates.of(1, endpoints == 0 ? List.<Candidate>of() : List.of(candidate));
    new Scheduler(profiles, counted, PluginCalls.timedBy(() -> 0))
        .schedule(new SchedulingCycle(request, candidates, new Facts(), new Random(1), 0));
  }

  private static DisaggProfileHandler disagg() {
    return new DisaggProfileHandler(DisaggParameters.DEFAULT, new AlwaysDisaggDecider(), null);
  }

  @Test
  void countsWhatTheHandlerDecidesUnderBothNames() {
    schedule(disagg(), "disagg-profile-handler", 1);

    assertThat(Pages.family(registry, "llm_d_epp_disagg_decision_total"))
        .containsExactly(
            "# TYPE llm_d_epp_disagg_decision_total counter",
            "llm_d_epp_disagg_decision_total{decision_type=\"prefill-decode\",model_name=\"tuned\",plugin_name=\"mine\",plugin_type=\"disagg-profile-handler\"}"
                + " 1");
    assertThat(Pages.family(registry, "llm_d_inference_scheduler_disagg_decision_total"))
        .contains(
            "llm_d_inference_scheduler_disagg_decision_total{decision_type=\"prefill-decode\","
                + "model_name=\"tuned\"} 1");
  }

  @Test
  void countsNothingWhenDecodeFails() {
    schedule(disagg(), "disagg-profile-handler", 0);

    assertThat(Pages.family(registry, "llm_d_epp_disagg_decision_total"))
        .noneMatch(line -> line.endsWith(" 1"));
  }

  @Test
  void countsTheOlderHandlerUnderItsOwnName() {
    var handler =
        new PdProfileHandler(PdProfileHandler.Parameters.DEFAULT, new AlwaysDisaggDecider());
    schedule(handler, "pd-profile-handler", 1);

    assertThat(Pages.family(registry, "llm_d_epp_pd_decision_total"))
        .anyMatch(line -> line.contains("decision_type=\"prefill-decode\"") && line.endsWith(" 1"));
    assertThat(Pages.text(registry)).doesNotContain("disagg_decision");
  }

  @Test
  void namesARequestWithoutAModelUnknown() {
    schedule(meters.counted(new Named<>("mine", "disagg-profile-handler", disagg())), "", 1);

    assertThat(Pages.family(registry, "llm_d_epp_disagg_decision_total"))
        .anyMatch(line -> line.contains("model_name=\"unknown\"") && line.endsWith(" 1"));
  }

  @Test
  void goesOnCountingWithTheHandlerOfTheNextConfiguration() {
    schedule(disagg(), "disagg-profile-handler", 1);
    schedule(disagg(), "disagg-profile-handler", 1);

    assertThat(Pages.family(registry, "llm_d_epp_disagg_decision_total"))
        .anyMatch(line -> line.contains("plugin_name=\"mine\"") && line.endsWith(" 2"));
  }

  @Test
  void registersNoCounterForAHandlerThatDoesNotDivide() {
    schedule(new SingleProfileHandler(), "single-profile-handler", 1);

    assertThat(Pages.text(registry)).doesNotContain("decision");
  }
}
