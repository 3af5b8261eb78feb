package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolMetersTest {

  private static final long STALE_AFTER = 2_000;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AtomicLong now = new AtomicLong(10_000);
  private final List<EndpointState> members = new ArrayList<>();

  @BeforeEach
  void register() {
    registry.register(
        new PoolMeters(() -> PoolSnapshot.of("my-pool", members), STALE_AFTER, now::get));
  }

  private EndpointState endpoint(String name) {
    var state =
        new EndpointState(
            members.size(), 1, Endpoint.of(new EndpointId("ns", name), "10.0.0.1", 8000, Map.of()));
    members.add(state);
    return state;
  }

  private void sampled(String name, int waiting, int running, double kvCache, long at) {
    endpoint(name)
        .publish(
            ignored ->
                new EndpointLoad(
                    waiting, running, kvCache, Set.of(), Set.of(), 0, 0, 0, Map.of(), at, true));
  }

  private String value(String family) {
    List<String> lines = Pages.family(registry, family);
    return lines.isEmpty() ? "absent" : lines.getLast();
  }

  @Test
  void showsMeansAndSampleDeviationsUnderBothNames() {
    sampled("a", 3, 1, 0.2, 9_000);
    sampled("b", 0, 1, 0.1, 9_000);
    sampled("c", 10, 2, 0.25, 9_000);

    assertThat(value("llm_d_epp_average_queue_size"))
        .isEqualTo("llm_d_epp_average_queue_size{name=\"my-pool\"} 4.33");
    assertThat(value("llm_d_epp_std_dev_queue_size"))
        .isEqualTo("llm_d_epp_std_dev_queue_size{name=\"my-pool\"} 5.13");
    assertThat(value("inference_pool_average_queue_size"))
        .isEqualTo("inference_pool_average_queue_size{name=\"my-pool\"} 4.33");
    assertThat(value("llm_d_epp_average_kv_cache_utilization")).endsWith(" 0.18");
    assertThat(value("inference_pool_average_kv_cache_utilization")).endsWith(" 0.18");
    assertThat(value("llm_d_epp_average_running_requests")).endsWith(" 1.33");
    assertThat(value("inference_pool_average_running_requests")).endsWith(" 1.33");
    assertThat(value("llm_d_epp_std_dev_running_requests")).endsWith(" 0.58");
    assertThat(value("llm_d_epp_std_dev_kv_cache_utilization")).endsWith(" 0.08");
  }

  @Test
  void showsNoDeviationOfASingleEndpoint() {
    sampled("a", 3, 1, 0.2, 9_000);

    assertThat(value("llm_d_epp_std_dev_queue_size")).endsWith(" 0");
  }

  @Test
  void leavesOutStaleAndUnsampledEndpoints() {
    sampled("fresh", 4, 0, 0, 8_000);
    sampled("stale", 100, 0, 0, 7_999);
    endpoint("unsampled");

    assertThat(value("llm_d_epp_average_queue_size")).endsWith(" 4");
    assertThat(value("llm_d_epp_ready_endpoints")).endsWith(" 1");
    assertThat(value("inference_pool_ready_pods")).endsWith(" 1");
  }

  @Test
  void keepsTheLastMeansWhileNoSampleIsFresh() {
    sampled("a", 4, 0, 0, 9_000);
    assertThat(value("llm_d_epp_average_queue_size")).endsWith(" 4");

    now.set(1_000_000);

    assertThat(value("llm_d_epp_average_queue_size")).endsWith(" 4");
    assertThat(value("llm_d_epp_ready_endpoints")).endsWith(" 0");
  }

  @Test
  void showsTheQueueOfEveryEndpoint() {
    sampled("a", 3, 0, 0, 9_000);
    sampled("b", 7, 0, 0, 1);

    assertThat(Pages.family(registry, "llm_d_epp_per_endpoint_queue_size"))
        .containsExactly(
            "# TYPE llm_d_epp_per_endpoint_queue_size gauge",
            "llm_d_epp_per_endpoint_queue_size{model_server_endpoint=\"a\",name=\"my-pool\"} 3",
            "llm_d_epp_per_endpoint_queue_size{model_server_endpoint=\"b\",name=\"my-pool\"} 7");
    assertThat(Pages.family(registry, "inference_pool_per_pod_queue_size"))
        .contains("inference_pool_per_pod_queue_size{model_server_pod=\"a\",name=\"my-pool\"} 3");
  }

  @Test
  void leavesOutWhatAnEndpointHasNeverReported() {
    sampled("a", 4, 3, 0.5, 9_000);
    endpoint("b")
        .publish(
            ignored ->
                new EndpointLoad(
                    0,
                    1,
                    0,
                    Set.of(),
                    Set.of(),
                    0,
                    0,
                    0,
                    Map.of(),
                    9_000,
                    true,
                    new EndpointLoad.Reported(false, true, false, false)));

    assertThat(value("llm_d_epp_ready_endpoints")).endsWith(" 2");
    assertThat(value("llm_d_epp_average_queue_size")).endsWith(" 4");
    assertThat(value("llm_d_epp_average_kv_cache_utilization")).endsWith(" 0.5");
    assertThat(value("llm_d_epp_average_running_requests")).endsWith(" 2");
    assertThat(Pages.family(registry, "llm_d_epp_per_endpoint_queue_size")).hasSize(2);
  }

  @Test
  void showsOnlyThatNoEndpointIsReadyInAnEmptyPool() {
    assertThat(value("llm_d_epp_ready_endpoints")).endsWith(" 0");
    assertThat(value("llm_d_epp_average_queue_size")).isEqualTo("absent");
    assertThat(value("llm_d_epp_per_endpoint_queue_size")).isEqualTo("absent");
  }
}
