package ai.llmd.epp.sidecar.cli;

import static ai.llmd.epp.sidecar.cli.Arguments.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.sidecar.cli.SidecarSettings.Stage;
import ai.llmd.epp.sidecar.connector.ConnectorSettings.Kv;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsDocumentTest {

  @Test
  void everyKindOfValueIsRead(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("sidecar.yaml"),
            """
            port: 9000
            model-server-port: 9200
            kv-connector: mooncake
            secure-proxy: false
            enable-tls: [prefiller, decoder]
            prefill-retry-backoff: 1s
            cert-path: /etc/tls
            metrics-port: 9090
            """);
    SidecarSettings settings = read("--configuration-file=" + file);

    assertThat(settings.port()).isEqualTo(9000);
    assertThat(settings.modelServerPort()).isEqualTo(9200);
    assertThat(settings.connectors().kv()).isEqualTo(Kv.MOONCAKE);
    assertThat(settings.isSecure()).isFalse();
    assertThat(settings.tlsStages()).containsExactlyInAnyOrder(Stage.PREFILLER, Stage.DECODER);
    assertThat(settings.connectors().prefillBackoff()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.certificates()).isEqualTo(Path.of("/etc/tls"));
    assertThat(settings.metricsPort()).isEqualTo(9090);
  }

  @Test
  void flagsCountBeforeTheDocumentAndThatBeforeTheEnvironment() {
    SidecarSettings settings =
        read(
            Map.of("P2P_CONNECTOR_PORT", "9001", "MOONCAKE_BOOTSTRAP_PORT", "9002"),
            "--configuration={port: 1, p2p-connector-port: 9003, mooncake-bootstrap-port: 0}",
            "--port=8001");

    assertThat(settings.port()).isEqualTo(8001);
    assertThat(settings.connectors().p2pPort()).isEqualTo(9003);
    assertThat(settings.connectors().mooncakeBootstrapPort()).isEqualTo(9002);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|--vllm-port=1|1",
        "{model-server-port: 2}|--vllm-port=1|1",
        "{model-server-port: 2, vllm-port: 3}||2",
        "{vllm-port: 3}||3",
        "{vllm-port: 3}|--model-server-port=4|4",
        "{vllm-port: 0, model-server-port: 0}||8200",
      })
  void olderNamesOfThePortComeLaterWithinALayer(String document, String flag, int port) {
    assertThat(read("--configuration=" + document, flag == null ? "" : flag).modelServerPort())
        .isEqualTo(port);
  }

  @Test
  void aDurationThatIsNoneLeavesTheDefault() {
    assertThat(read("--configuration=prefill-retry-backoff: soon").connectors().prefillBackoff())
        .isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void aDocumentMayBeEmpty() {
    assertThat(read("--configuration=# nothing\n").port()).isEqualTo(8000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prot: 1|did you mean \"port\"",
        "moriio-write-mode: true|unknown key",
        "zap-log-level: debug|unknown key",
        "configuration-file: a|unknown key",
        "port: many|must be a whole number",
        "port: 70000|must be between 1 and 65535",
        "secure-proxy: maybe|must be true or false",
        "enable-tls: prefiller|must be a list",
        "enable-tls: [router]|must be one of prefiller",
        "kv-connector: other|must be one of nixlv2",
        "[1]|must be a mapping",
        "port: [|--configuration",
      })
  void whatCannotBeIsRefusedWithItsPlace(String document, String reason) {
    assertThatThrownBy(() -> read("--configuration=" + document))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void thereIsOneDocument(@TempDir Path folder) {
    assertThatThrownBy(() -> read("--configuration=port: 1", "--configuration-file=x"))
        .hasMessageContaining("not both");
    assertThatThrownBy(() -> read("--configuration-file=" + folder.resolve("none")))
        .hasMessageContaining("no such file");
  }
}
