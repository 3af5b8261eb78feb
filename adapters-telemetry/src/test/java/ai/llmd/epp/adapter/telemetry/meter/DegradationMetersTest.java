package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.DegradationObserver.Degradation;
import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DegradationMetersTest {

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final DegradationMeters meters = new DegradationMeters(registry, "llama");

  @Test
  void showTheNumberOfTheCostliestStepAndAllThatAreInForce() {
    meters.changed(new Degradation(Set.of(Step.LOADS_UNKNOWN, Step.STATE_STORE_AWAY)));

    assertThat(Pages.family(registry, "llm_d_epp_degradation_step"))
        .containsExactly(
            "# TYPE llm_d_epp_degradation_step gauge",
            "llm_d_epp_degradation_step{name=\"llama\"} 6");
    assertThat(Pages.family(registry, "llm_d_epp_degradation_in_force"))
        .hasSize(10)
        .filteredOn(line -> line.endsWith(" 1"))
        .containsExactlyInAnyOrder(
            "llm_d_epp_degradation_in_force{name=\"llama\",step=\"state_store_away\"} 1",
            "llm_d_epp_degradation_in_force{name=\"llama\",step=\"loads_unknown\"} 1");
  }

  @Test
  void showZeroWhenNothingIsGivenUp() {
    meters.changed(new Degradation(Set.of(Step.ENDPOINTS_OUT)));
    meters.changed(Degradation.NONE);

    assertThat(Pages.family(registry, "llm_d_epp_degradation_step"))
        .contains("llm_d_epp_degradation_step{name=\"llama\"} 0");
    assertThat(Pages.family(registry, "llm_d_epp_degradation_in_force"))
        .noneMatch(line -> line.endsWith(" 1"));
  }
}
