package ai.llmd.epp.acceptance.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is on the page of a picker that has not been asked anything. */
class FirstScrapeTest {

  private static String page(String... flags) {
    String configuration = RunningPicker.configuration("queue-scorer");
    try (RunningPicker picker = RunningPicker.startUnawares(configuration, List.of(), flags)) {
      return picker.get("/metrics").body();
    }
  }

  @Test
  void familiesOfWhatHasNotHappenedYetAreThere() {
    assertThat(page())
        .contains(
            "# TYPE llm_d_epp_request_total counter",
            "# TYPE llm_d_epp_request_error_total counter",
            "# TYPE llm_d_epp_request_duration_seconds histogram",
            "# TYPE llm_d_epp_request_ttft_seconds histogram",
            "# TYPE llm_d_epp_scheduler_attempts_total counter",
            "# TYPE llm_d_epp_datalayer_poll_errors_total counter",
            "# TYPE inference_objective_request_total counter",
            "# TYPE inference_pool_average_queue_size gauge",
            "# TYPE llm_d_inference_scheduler_datalayer_poll_errors_total counter",
            "# TYPE inference_extension_info gauge");
  }

  @Test
  void theOldNamesCanBeTurnedOff() {
    assertThat(page("--legacy-metrics=false"))
        .contains("# TYPE llm_d_epp_request_total counter", "# TYPE llm_d_epp_info gauge")
        .doesNotContain("inference_objective_", "inference_pool_", "inference_extension_")
        .doesNotContain("llm_d_inference_scheduler_", "[Deprecated");
  }
}
