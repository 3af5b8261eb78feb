package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.metrics.gauge.DcgmDataSource;
import ai.llmd.epp.adapter.metrics.gauge.DcgmExtractor;
import ai.llmd.epp.adapter.metrics.gauge.MulticlusterMetricsExtractor;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other programs than inference engines. */
class OtherPagesTest {

  private static final String GPU = "GPUUtilization/dcgm-extractor";
  private static final Endpoint POD =
      Endpoint.of(new EndpointId("default", "pod-a"), "10.0.0.1", 8000, Map.of());

  private final PageReader dcgm = new PageReader(new DcgmExtractor().readingFor(POD));
  private final PageReader cluster =
      new PageReader(
          new MulticlusterMetricsExtractor(MulticlusterMetricsExtractor.TYPE.defaults())
              .readingFor(POD));

  @Test
  void theBusiestGpuOfThePodCounts() {
    dcgm.scan(
        """
        # TYPE DCGM_FI_DEV_GPU_UTIL gauge
        DCGM_FI_DEV_GPU_UTIL{gpu="0",pod="pod-a"} 20
        DCGM_FI_DEV_GPU_UTIL{gpu="1",pod="pod-b"} 99
        DCGM_FI_DEV_GPU_UTIL{gpu="2"} 45
        DCGM_FI_DEV_GPU_UTIL{gpu="3",pod=""} 30
        """);

    assertThat(dcgm.after(EndpointLoad.UNSAMPLED).attributes())
        .containsExactly(Map.entry(GPU, 0.45));
    assertThat(dcgm.problems).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL{pod=\"pod-b\"} 5\n",
        "# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL NaN\n",
        "# TYPE other gauge\nother 5\n"
      })
  void aPageWithoutTheGpusOfThePodChangesNothing(String page) {
    dcgm.scan(page);
    EndpointLoad before = EndpointLoad.UNSAMPLED;

    assertThat(dcgm.after(before)).isSameAs(before);
    assertThat(dcgm.problems).hasSize(1);
  }

  @Test
  void otherNumbersStayAsTheyWere() {
    PageReader core = new PageReader(new EngineReading(EngineConfig.BUILT_IN.getFirst(), "core"));
    core.scan("# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting 7\n");
    EndpointLoad load = core.after(EndpointLoad.UNSAMPLED);
    dcgm.nowNanos = 99;
    dcgm.scan("# TYPE DCGM_FI_DEV_GPU_UTIL gauge\nDCGM_FI_DEV_GPU_UTIL 50\n");

    EndpointLoad both = dcgm.after(load);

    assertThat(both.waitingRequests()).isEqualTo(7);
    assertThat(both.reported()).isEqualTo(load.reported());
    assertThat(both.readAt().waitingRequests()).isEqualTo(load.readAt().waitingRequests());
    assertThat(both.sampledAtNanos()).as("old figures").isEqualTo(load.sampledAtNanos());
    assertThat(both.attributes()).containsEntry(GPU, 0.5);
  }

  @Test
  void readsTheAveragesOfAnotherClustersPicker() {
    cluster.scan(
        """
        # TYPE llm_d_epp_average_kv_cache_utilization gauge
        llm_d_epp_average_kv_cache_utilization{name="pool"} 0.4
        # TYPE llm_d_epp_average_queue_size gauge
        llm_d_epp_average_queue_size{name="pool"} 2.5
        """);

    assertThat(cluster.after(EndpointLoad.UNSAMPLED).attributes())
        .containsOnly(
            Map.entry("llm-d.ai/multicluster-kv-cache-utilization/", 0.4),
            Map.entry("llm-d.ai/multicluster-queue-size/", 2.5));
  }

  @Test
  void ofTwoAveragesOneIsEnough() {
    cluster.scan("# TYPE llm_d_epp_average_queue_size gauge\nllm_d_epp_average_queue_size 2\n");

    assertThat(cluster.after(EndpointLoad.UNSAMPLED).attributes())
        .containsOnlyKeys("llm-d.ai/multicluster-queue-size/");
    assertThat(cluster.problems).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"9400, 10.0.0.1:9400", "9401, 10.0.0.1:9401"})
  void theExporterHasAPortOfItsOwn(int port, String authority) {
    var parameters =
        new DcgmDataSource.Parameters("http", "/metrics", port, true, false, Duration.ZERO);
    MetricsDataSource source =
        (MetricsDataSource) DcgmDataSource.TYPE.create(parameters, new NoContext());

    assertThat(source.authority(POD)).isEqualTo(authority);
    assertThat(source.type()).isEqualTo("dcgm-data-source");
    assertThat(source.tls()).isNull();
  }

  @Test
  void anotherClusterIsAskedOverHttpsAndVerified() {
    HttpMetricsDataSource.Parameters defaults = HttpMetricsDataSource.MULTICLUSTER_TYPE.defaults();
    MetricsDataSource source =
        (MetricsDataSource)
            HttpMetricsDataSource.MULTICLUSTER_TYPE.create(defaults, new NoContext());

    assertThat(source.tls()).isNotNull();
    assertThat(defaults.insecureSkipVerify()).isFalse();
    assertThat(source.type()).isEqualTo("multicluster-metrics-data-source");
  }

  @ParameterizedTest
  @CsvSource({"10.0.9.9, 10.0.9.9:9400", "fd00::9, [fd00::9]:9400", "'', 10.0.0.1:9400"})
  void theExporterOfTheNodeIsAskedWhereTheNodeIsKnown(String node, String authority) {
    Endpoint pod =
        new Endpoint(
            POD.id(), POD.podName(), POD.address(), 8000, POD.metricsHost(), Map.of(), 0, node);
    var parameters =
        new DcgmDataSource.Parameters("http", "/metrics", 9400, true, true, Duration.ZERO);
    MetricsDataSource source =
        (MetricsDataSource) DcgmDataSource.TYPE.create(parameters, new NoContext());

    assertThat(source.authority(pod)).isEqualTo(authority);
    assertThat(source.type()).isEqualTo("dcgm-data-source");
  }

  private record NoContext() implements PluginContext {

    @Override
    public String name() {
      return "source";
    }

    @Override
    public Optional<Plugin> plugin(String other) {
      return Optional.empty();
    }

    @Override
    public <T> T service(Class<T> type) {
      return Objects.requireNonNull(type.cast(null));
    }
  }
}
