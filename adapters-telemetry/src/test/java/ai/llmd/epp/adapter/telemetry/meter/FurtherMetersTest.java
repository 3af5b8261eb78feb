package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.state.SharedState;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The smaller families: prefix caches, data layer, build, buffers, state, faults, process. */
class FurtherMetersTest {

  private final PrometheusRegistry registry = new PrometheusRegistry();

  private List<String> family(String name) {
    return Pages.family(registry, name);
  }

  @Test
  void showsPrefixHitsUnderBothNames() {
    AtomicLong blocks = new AtomicLong(7);
    var prefixes = new PrefixMeters(registry);
    PrefixMeters.Producer producer = prefixes.producing("approx", "approx-type", blocks::get);
    prefixes.producing("second", "approx-type", () -> 3);

    producer.hit(4, 8, 16);
    producer.hit(0, 0, 16);

    String labels = "plugin_name=\"approx\",plugin_type=\"approx-type\"";
    assertThat(family("llm_d_epp_prefix_indexer_size"))
        .contains("llm_d_epp_prefix_indexer_size{" + labels + "} 7");
    assertThat(family("inference_extension_prefix_indexer_size"))
        .contains("inference_extension_prefix_indexer_size 10");
    assertThat(family("llm_d_epp_prefix_indexer_hit_bytes"))
        .contains(
            "llm_d_epp_prefix_indexer_hit_bytes_bucket{" + labels + ",le=\"0\"} 1",
            "llm_d_epp_prefix_indexer_hit_bytes_bucket{" + labels + ",le=\"256\"} 2",
            "llm_d_epp_prefix_indexer_hit_bytes_sum{" + labels + "} 256");
    assertThat(family("llm_d_epp_prefix_indexer_hit_ratio"))
        .contains(
            "llm_d_epp_prefix_indexer_hit_ratio_bucket{" + labels + ",le=\"0.4\"} 0",
            "llm_d_epp_prefix_indexer_hit_ratio_bucket{" + labels + ",le=\"0.5\"} 1",
            "llm_d_epp_prefix_indexer_hit_ratio_count{" + labels + "} 1");
    assertThat(family("inference_extension_prefix_indexer_hit_ratio"))
        .contains("inference_extension_prefix_indexer_hit_ratio_count 1");
  }

  @Test
  void countsDataLayerErrorsUnderBothNames() {
    var meters = new DataLayerMeters(registry);
    meters.pollError("metrics-data-source");
    meters.extractError("metrics-data-source", "core-metrics-extractor");

    assertThat(family("llm_d_epp_datalayer_poll_errors_total"))
        .contains("llm_d_epp_datalayer_poll_errors_total{source_type=\"metrics-data-source\"} 1");
    assertThat(family("llm_d_inference_scheduler_datalayer_poll_errors_total")).hasSize(2);
    assertThat(family("llm_d_inference_scheduler_datalayer_extract_errors_total"))
        .contains(
            "llm_d_inference_scheduler_datalayer_extract_errors_total{"
                + "extractor_type=\"core-metrics-extractor\",source_type=\"metrics-data-source\"}"
                + " 1");
  }

  @Test
  void showsTheBuildAsAGaugeUnderBothNames() {
    new ProgramMeters(registry).build("abc", "v1");

    for (String name : List.of("llm_d_epp_info", "inference_extension_info")) {
      assertThat(family(name))
          .containsExactly(
              "# TYPE " + name + " gauge", name + "{build_ref=\"v1\",commit=\"abc\"} 1");
    }
  }

  @Test
  void showsBufferedBytes() {
    new ProgramMeters(registry).buffered(() -> 4_096);

    assertThat(family("llm_d_epp_buffered_body_bytes"))
        .contains("llm_d_epp_buffered_body_bytes 4096");
  }

  @Test
  void showsWhatTheSharedStateHolds() {
    var state = new SharedState(SharedState.Budget.DEFAULT);
    state.prefixIndex("p").record(0, new PrefixBlocks(new long[] {1, 2}, new int[] {2}, 64), 9);
    state.sessions("s").bind("session", new EndpointId("ns", "a"), 1);
    new ProgramMeters(registry).state("redis", state);

    assertThat(family("llm_d_epp_state_entries"))
        .contains(
            "llm_d_epp_state_entries{kind=\"prefix_block\",store=\"redis\"} 2",
            "llm_d_epp_state_entries{kind=\"session\",store=\"redis\"} 1");
    assertThat(family("llm_d_epp_state_prefix_bytes"))
        .contains("llm_d_epp_state_prefix_bytes{store=\"redis\"} " + state.prefixBytes());
  }

  @Test
  void countsEveryFaultOfAPlugin() {
    var faults = new PluginFaultMeters(registry, () -> 1);
    for (int i = 0; i < 3; i++) {
      faults.failed("Scorer", "mine", "my-scorer", new IllegalStateException("for this test"));
    }

    assertThat(family("llm_d_epp_plugin_faults_total"))
        .contains(
            "llm_d_epp_plugin_faults_total{extension_point=\"Scorer\",plugin_name=\"mine\","
                + "plugin_type=\"my-scorer\"} 3");
  }

  @Test
  void showsTheProcessAndTheJvm() {
    try (var ignored = new RuntimeMeters(registry)) {
      assertThat(Pages.text(registry))
          .contains(
              "process_cpu_seconds_total ",
              "process_resident_memory_bytes ",
              "process_open_fds ",
              "process_start_time_seconds ",
              "jvm_memory_used_bytes{",
              "jvm_threads_live_threads ");
    }
  }
}
