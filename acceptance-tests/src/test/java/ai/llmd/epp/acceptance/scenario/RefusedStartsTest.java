package ai.llmd.epp.acceptance.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.bootstrap.StartException;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts that cannot succeed say why, and leave nothing behind. */
class RefusedStartsTest {

  private static final List<ModelServer> NO_SERVERS = List.of();
  private static final String CONFIGURATION = RunningPicker.configuration("queue-scorer");

  @ParameterizedTest
  @CsvSource({
    "--grpc-port, gRPC port",
    "--grpc-health-port, health port",
    "--metrics-port, metrics port"
  })
  void aPortInUseIsNamed(String flag, String name) throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      int port = taken.getLocalPort();

      assertThatThrownBy(
              () ->
                  EndpointPicker.start(
                      RunningPicker.options(CONFIGURATION, NO_SERVERS, flag + "=" + port)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(name + " " + port + " cannot be bound");
    }
  }

  @Test
  void aRefusedStartGivesItsPortsBack() throws Exception {
    int free;
    try (ServerSocket probe = new ServerSocket(0)) {
      free = probe.getLocalPort();
    }
    try (ServerSocket taken = new ServerSocket(0)) {
      String[] flags = {
        "--metrics-port=" + free, "--grpc-health-port=" + taken.getLocalPort(),
      };
      assertThatThrownBy(
              () -> EndpointPicker.start(RunningPicker.options(CONFIGURATION, NO_SERVERS, flags)))
          .isInstanceOf(IOException.class);
    }
    try (ServerSocket again = new ServerSocket(free)) {
      assertThat(again.isBound()).isTrue();
    }
  }

  @Test
  void aMissingEndpointsFileIsNamed(@TempDir Path folder) {
    Path missing = folder.resolve("nothing.yaml");
    String configuration = CONFIGURATION.replace("${ENDPOINTS_FILE}", missing.toString());

    assertThatThrownBy(() -> EndpointPicker.start(RunningPicker.options(configuration, NO_SERVERS)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(missing.toString());
  }

  @Test
  void anEndpointsFileWithAnErrorIsNamedWithItsLine(@TempDir Path folder) throws Exception {
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.yaml"), "endpoints:\n- {name: a, address: nowhere, port: '1'}\n");
    String configuration = CONFIGURATION.replace("${ENDPOINTS_FILE}", wrong.toString());

    assertThatThrownBy(() -> EndpointPicker.start(RunningPicker.options(configuration, NO_SERVERS)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(wrong + ":2")
        .hasMessageContaining("nowhere");
  }

  @Test
  void aConfigurationWithoutDiscoveryNeedsAnApiServer() {
    String configuration =
        CONFIGURATION.replace("dataLayer:\n  discovery: {pluginRef: endpoints}\n", "");

    assertThatThrownBy(() -> EndpointPicker.start(RunningPicker.options(configuration, NO_SERVERS)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("dataLayer.discovery")
        .hasMessageContaining("KUBECONFIG");
  }
}
