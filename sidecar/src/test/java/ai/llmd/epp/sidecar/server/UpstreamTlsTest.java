package ai.llmd.epp.sidecar.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RunningSidecar;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each stage is asked over TLS, and its certificate checked, as flags say. */
class UpstreamTlsTest {

  private static final String ANSWER = "{\"kv_transfer_params\":{}}";
  private static final String PICTURE =
      "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}";

  @TempDir private Path folder;
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  private int engine(String name, boolean isSecure) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server;
    if (isSecure) {
      HttpsServer secure = HttpsServer.create(address, 0);
      secure.setHttpsConfigurator(
          new HttpsConfigurator(
              CertificateFolder.server(new CertificateFolder(folder).show(name))));
      server = secure;
    } else {
      server = HttpServer.create(address, 0);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          asked.add(name);
          exchange.sendResponseHeaders(200, ANSWER.length());
          exchange.getResponseBody().write(ANSWER.getBytes(UTF_8));
          exchange.close();
        });
    server.start();
    servers.add(server);
    return server.getAddress().getPort();
  }

  private HttpResponse<String> ask(int decode, int prefill, int encode, String... flags)
      throws Exception {
    List<String> all =
        new ArrayList<>(List.of("--model-server-port=" + decode, "--ec-connector=ec-nixl"));
    all.addAll(List.of(flags));
    try (SidecarServer sidecar = RunningSidecar.with(all.toArray(String[]::new))) {
      return Chats.ask(
          sidecar.ports().getFirst(),
          "/v1/chat/completions",
          PICTURE,
          "x-prefiller-host-port",
          "localhost:" + prefill,
          "x-encoder-hosts-ports",
          "localhost:" + encode);
    }
  }

  @Test
  void allStagesMayBeAskedOverTls() throws Exception {
    HttpResponse<String> answer =
        ask(
            engine("decode", true),
            engine("prefill", true),
            engine("encode", true),
            "--enable-tls=prefiller,decoder",
            "--enable-tls=encoder",
            "--tls-insecure-skip-verify=prefiller,decoder,encoder");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(asked).containsExactly("encode", "prefill", "decode");
  }

  @Test
  void oneStageMayBeAskedOverTls() throws Exception {
    HttpResponse<String> answer =
        ask(
            engine("decode", false),
            engine("prefill", true),
            engine("encode", false),
            "--enable-tls=prefiller",
            "--tls-insecure-skip-verify=prefiller");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(asked).containsExactly("encode", "prefill", "decode");
  }

  @Test
  void aDecodeServerWithACertificateOfItsOwnIsNotAsked() throws Exception {
    HttpResponse<String> answer =
        ask(
            engine("decode", true),
            engine("prefill", false),
            engine("encode", false),
            "--enable-tls=decoder");

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains("\"type\":\"BadGateway\"");
    assertThat(asked).containsExactly("encode", "prefill");
  }

  @Test
  void aPrefillServerWithACertificateOfItsOwnIsNotAsked() throws Exception {
    HttpResponse<String> answer =
        ask(
            engine("decode", false),
            engine("prefill", true),
            engine("encode", false),
            "--enable-tls=prefiller",
            "--tls-insecure-skip-verify=decoder,encoder");

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).isEmpty();
    assertThat(asked).containsExactly("encode");
  }

  @Test
  void anEncoderThatSpeaksNoTlsIsAnError() throws Exception {
    HttpResponse<String> answer =
        ask(
            engine("decode", false),
            engine("prefill", false),
            engine("encode", false),
            "--enable-tls=encoder",
            "--tls-insecure-skip-verify=encoder");

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains("encoder request failed for item 0 with status 502");
    assertThat(asked).isEmpty();
  }
}
