package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The sidecar's image that the build has just made. */
class SidecarImageIT {

  @SuppressWarnings("NullAway.Init")
  private static FinishedImage image;

  @TempDir private Path folder;

  @BeforeAll
  static void read() throws IOException {
    image = FinishedImage.read(Path.of(System.getProperty("epp.sidecar.image.tar")));
  }

  @Test
  void startsTheProgramAsTheReferencesImageDoes() {
    JsonNode container = image.configuration().get("config");

    assertThat(container.get("User").asString()).isEqualTo("65532:65532");
    assertThat(container.at("/Entrypoint/0").asString()).isEqualTo("/app/pd-sidecar");
    assertThat(container.get("Entrypoint")).hasSize(1);
    assertThat(container.get("Cmd")).isEmpty();
    assertThat(container.get("ExposedPorts").propertyNames()).containsExactly("8000/tcp");
  }

  @Test
  void hasNoShellAndNoOtherProgram() throws IOException {
    List<TarArchiveEntry> files = image.layers().stream().flatMap(List::stream).toList();

    assertThat(files)
        .filteredOn(file -> file.isFile() && (file.getMode() & 0111) != 0)
        .extracting(TarArchiveEntry::getName)
        .allMatch(
            name ->
                name.equals("app/pd-sidecar")
                    || name.equals("opt/java/bin/java")
                    || name.matches("opt/java/lib/(jspawnhelper|jexec)")
                    || name.matches(".*\\.so(\\.\\d+)*"));
  }

  @Test
  void handsRequestsOnFromAReadOnlyRoot() throws Exception {
    UnpackedImage unpacked = UnpackedImage.below(folder, image);
    HttpServer engine =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    engine.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
    engine.start();
    int port = freePort();
    List<String> arguments =
        List.of(
            "--port=" + port,
            "--model-server-port=" + engine.getAddress().getPort(),
            "--secure-proxy=false");
    try (Container started = unpacked.start(Map.of(), arguments)) {
      await()
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(
              () -> assertThat(status(port, "/health")).as(started.log()).isEqualTo(200));
      assertThat(status(port, "/v1/models")).isEqualTo(204);
      assertThat(started.mappedFiles())
          .anyMatch(file -> file.endsWith("/app/lib/pd-sidecar.jsa"))
          .anyMatch(file -> file.contains("/usr/lib/libnetty_transport_native_epoll"));
      assertThat(started.stop()).isZero();
      assertThat(started.log()).contains("\"msg\":\"drained\"");
    } finally {
      engine.stop(0);
    }
  }

  private static int status(int port, String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + path);
      return client
          .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }
}
