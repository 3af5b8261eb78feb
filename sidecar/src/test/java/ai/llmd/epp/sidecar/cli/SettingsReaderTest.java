package ai.llmd.epp.sidecar.cli;

import static ai.llmd.epp.sidecar.cli.Arguments.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.sidecar.connector.ConnectorSettings.Kv;
import ai.llmd.epp.sidecar.pool.PoolName;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {

  @Test
  void defaultsAreTheReferences() {
    SidecarSettings settings = read();

    assertThat(settings.port()).isEqualTo(8000);
    assertThat(settings.modelServerPort()).isEqualTo(8200);
    assertThat(settings.isSecure()).isTrue();
    assertThat(settings.connectors().kv()).isEqualTo(Kv.NIXL_V2);
    assertThat(settings.connectors().mooncakeBootstrapPort()).isEqualTo(8998);
    assertThat(settings.connectors().p2pPort()).isEqualTo(7777);
    assertThat(settings.maxIdlePerHost()).isEqualTo(1024);
    assertThat(settings.allowedHosts()).isNull();
  }

  @Test
  void chartsLeaveEmptyArgumentsAndOldNames() {
    SidecarSettings settings = read("", "--connector=sglang", "--vllm-port=8300", "--tracing", "");

    assertThat(settings.connectors().kv()).isEqualTo(Kv.SGLANG);
    assertThat(settings.modelServerPort()).isEqualTo(8300);
  }

  @Test
  void theNewerNameOfTwoCounts() {
    SidecarSettings settings =
        read(
            "--vllm-port=8300",
            "--model-server-port=8400",
            "--connector=sglang",
            "--kv-connector=mooncake");

    assertThat(settings.modelServerPort()).isEqualTo(8400);
    assertThat(settings.connectors().kv()).isEqualTo(Kv.MOONCAKE);
  }

  @Test
  void theEnvironmentCountsWhereNoFlagIsGiven() {
    Map<String, String> environment =
        Map.of(
            "MOONCAKE_BOOTSTRAP_PORT", "9001",
            "P2P_CONNECTOR_PORT", "9002",
            "ENABLE_PREFILLER_SAMPLING", "true",
            "SGLANG_BOOTSTRAP_PORT", "none");
    SidecarSettings settings = read(environment, "--p2p-connector-port=9003");

    assertThat(settings.connectors().mooncakeBootstrapPort()).isEqualTo(9001);
    assertThat(settings.connectors().p2pPort()).isEqualTo(9003);
    assertThat(settings.connectors().sglangBootstrapPort()).isEqualTo(8998);
    assertThat(settings.isSampled()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "--port=0, must be between 1 and 65535",
    "--port=65536, must be between 1 and 65535",
    "--port=65530 --data-parallel-size=8, above 65535",
    "--kv-connector=other, must be one of nixlv2",
    "--kv-connector=sglang --enable-p2p-pull, nixlv2",
    "--prefill-max-retries=1 --prefill-retry-backoff=0s, must be above 0",
    "--moriio-write-mode, needs --moriio-local-pod-ip",
    "--moriio-parallel-dispatch, needs --moriio-write-mode",
    "--enable-ssrf-protection, needs --inference-pool or --allowed-hosts",
    "--inference-pool=a/b/c, must be namespace/name",
    "--inference-pool=a/, must be namespace/name",
    "--pool-group=other, must be one of inference.networking.k8s.io",
    "--decode-chunk-size=-1, must be 0 or more",
    "--enable-tls=router, must be one of prefiller",
    "--prot=1, did you mean --port"
  })
  void whatCannotBeIsRefusedWithItsReason(String arguments, String reason) {
    String[] each = arguments.contains(": ") ? new String[] {arguments} : arguments.split(" ", -1);

    assertThatThrownBy(() -> read(each))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aPoolIsOfTheDefaultNamespaceUnlessItSaysSo() {
    assertThat(read("--enable-ssrf-protection", "--inference-pool=llm").pool())
        .isEqualTo(new PoolName("inference.networking.k8s.io", "default", "llm"));
    assertThat(
            read(
                    Map.of("INFERENCE_POOL", "serving/llm"),
                    "--enable-ssrf-protection",
                    "--pool-group=inference.networking.x-k8s.io")
                .pool())
        .isEqualTo(new PoolName("inference.networking.x-k8s.io", "serving", "llm"));
    assertThat(read("--inference-pool=serving/llm").pool()).isNull();
  }

  @Test
  void hostsOfSeveralPodsHaveToFitTheRanks() {
    assertThatThrownBy(
            () ->
                read(
                    "--moriio-write-mode",
                    "--moriio-local-pod-ip=10.0.0.1",
                    "--moriio-dp-size=4",
                    "--moriio-decode-hosts=10.0.0.1,10.0.0.2"))
        .hasMessageContaining("--moriio-decode-hosts");
    assertThat(
            read(
                    "--moriio-write-mode",
                    "--moriio-local-pod-ip=10.0.0.1",
                    "--moriio-dp-size=4",
                    "--moriio-dp-size-local=2",
                    "--moriio-decode-hosts=10.0.0.1,10.0.0.2")
                .connectors()
                .mori()
                .decodeHosts())
        .containsExactly("10.0.0.1", "10.0.0.2");
  }
}
