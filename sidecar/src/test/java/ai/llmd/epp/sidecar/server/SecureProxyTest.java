package ai.llmd.epp.sidecar.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

/** Clients use TLS unless it is switched off. */
class SecureProxyTest {

  private static final String ANSWER =
      String.join(
          "\r\n",
          "HTTP/1.1 200 OK",
          "Content-Type: text/event-stream",
          "Transfer-Encoding: chunked",
          "",
          "8",
          "data: a\n",
          "0",
          "",
          "");

  @Test
  void aConnectionServesSeveralRequests() throws Exception {
    try (RawEngine engine =
            new RawEngine(
                (connection, head) -> {
                  String next = head;
                  while (!next.isEmpty()) {
                    connection.getInputStream().readNBytes(2);
                    connection.getOutputStream().write(ANSWER.getBytes(ISO_8859_1));
                    next = RawEngine.head(connection.getInputStream());
                  }
                });
        SidecarServer sidecar =
            RunningSidecar.with(
                Map.of(),
                port -> new String[] {"--port=" + port, "--model-server-port=" + engine.port()});
        HttpClient client = client(HttpClient.Version.HTTP_1_1)) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer = ask(client, sidecar);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("data: a\n");
      }
    }
  }

  @Test
  void clientsThatSpeakHttp2Do() throws Exception {
    try (RawEngine engine =
            new RawEngine(
                (connection, head) -> {
                  connection.getInputStream().readNBytes(2);
                  connection.getOutputStream().write(ANSWER.getBytes(ISO_8859_1));
                });
        SidecarServer sidecar =
            RunningSidecar.with(
                Map.of(),
                port -> new String[] {"--port=" + port, "--model-server-port=" + engine.port()});
        HttpClient client = client(HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer = ask(client, sidecar);

      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("data: a\n");
    }
  }

  private static HttpResponse<String> ask(HttpClient client, SidecarServer sidecar)
      throws Exception {
    String proxy = "https://127.0.0.1:" + sidecar.ports().getFirst();
    return client.send(
        HttpRequest.newBuilder(URI.create(proxy + "/v1/chat/completions"))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpClient client(HttpClient.Version version) throws Exception {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    SSLParameters unchecked = trusting.getDefaultSSLParameters(); // without versions, no HTTP/2
    unchecked.setEndpointIdentificationAlgorithm("");
    return HttpClient.newBuilder()
        .version(version)
        .sslContext(trusting)
        .sslParameters(unchecked)
        .build();
  }
}
