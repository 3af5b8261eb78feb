package ai.llmd.epp.sidecar.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class MetricsPageTest {

  @Test
  void tellsWhatWasDone() throws Exception {
    int metrics = RunningSidecar.freePort();
    try (RawEngine engine =
            new RawEngine(
                (connection, head) ->
                    connection
                        .getOutputStream()
                        .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                                .getBytes(ISO_8859_1)));
        SidecarServer sidecar =
            RunningSidecar.with(
                "--model-server-port=" + engine.port(), "--metrics-port=" + metrics)) {
      ask(sidecar.ports().getFirst(), "/v1/models");
      ask(sidecar.ports().getFirst(), "/health");

      assertThat(ask(metrics, "/metrics"))
          .contains("llm_d_sidecar_requests_total{api=\"other\",outcome=\"2xx\"} 2\n")
          .contains("llm_d_sidecar_requests_in_flight 0\n")
          .contains("llm_d_sidecar_response_bytes_total 2\n")
          .contains("llm_d_sidecar_legs_total{stage=\"decode\",outcome=\"2xx\"} 1\n")
          .contains("llm_d_sidecar_leg_duration_seconds_count{stage=\"decode\"} 1\n");
      assertThat(ask(metrics, "/")).startsWith("HTTP/1.1 404 ");
    }
  }

  private static String ask(int port, String path) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout(10_000);
      client
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .getBytes(ISO_8859_1));
      return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
