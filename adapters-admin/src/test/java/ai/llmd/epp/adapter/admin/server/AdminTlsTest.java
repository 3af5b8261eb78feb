package ai.llmd.epp.adapter.admin.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.adapter.admin.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics port with TLS, and with certificates of clients. */
class AdminTlsTest {

  private static final Map<String, AdminPage> PAGES =
      Map.of("/metrics", request -> AdminPage.Answer.text(200, "up 1\n"));

  @TempDir private Path folder;

  private final TestAuthority authority = new TestAuthority();
  private final TestAuthority stranger = new TestAuthority();

  @BeforeEach
  void certificate() throws IOException {
    TestAuthority.write(authority.issue("first"), folder);
  }

  private AdminServer start(@Nullable Path clientAuthority) throws IOException {
    return AdminServer.start(
        new AdminServer.Settings("", 0, new AdminTls(folder, clientAuthority), null, Set.of()),
        PAGES);
  }

  private static String read(AdminServer server, SSLContext context)
      throws IOException, InterruptedException {
    URI page = URI.create("https://127.0.0.1:" + server.port() + "/metrics");
    try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
      return client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
    }
  }

  private X509Certificate shown(AdminServer server, String protocol) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            authority.client(null).getSocketFactory().createSocket("127.0.0.1", server.port())) {
      socket.setEnabledProtocols(new String[] {protocol});
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void showsTheCertificateOfTheFolder() throws Exception {
    try (AdminServer server = start(null)) {
      assertThat(read(server, authority.client(null))).isEqualTo("up 1\n");
      assertThatThrownBy(() -> read(server, stranger.client(null)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("certificate");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void speaksTls12AndLater(String protocol) throws Exception {
    try (AdminServer server = start(null)) {
      assertThat(shown(server, protocol).getSubjectX500Principal().getName()).isEqualTo("CN=first");
    }
  }

  @Test
  void answersNothingInPlainText() throws Exception {
    try (AdminServer server = start(null);
        HttpClient client = HttpClient.newHttpClient()) {
      URI page = URI.create("http://127.0.0.1:" + server.port() + "/metrics");

      assertThatThrownBy(
              () -> client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void takesOverANewCertificate() throws Exception {
    try (AdminServer server = start(null)) {
      TestAuthority.write(authority.issue("second"), folder);

      await()
          .untilAsserted(
              () ->
                  assertThat(shown(server, "TLSv1.3").getSubjectX500Principal().getName())
                      .isEqualTo("CN=second"));
    }
  }

  @Test
  void readsOnlyForClientsThatItsAuthorityKnows() throws Exception {
    try (AdminServer server = start(authority.write(folder.resolve("ca.crt")))) {
      assertThat(read(server, authority.client(authority.issue("prometheus")))).isEqualTo("up 1\n");
      assertThatThrownBy(() -> read(server, authority.client(null)))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> read(server, authority.client(stranger.issue("prometheus"))))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aCertificateThatIsNoneStopsTheStart() throws IOException {
    Files.writeString(folder.resolve("tls.crt"), "no certificate");

    assertThatThrownBy(() -> start(null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void aClientAuthorityThatIsNoneStopsTheStart() throws IOException {
    Path file = Files.writeString(folder.resolve("ca.crt"), "no authority");

    assertThatThrownBy(() -> start(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aClientAuthorityThatVanishedStopsTheStart() {
    assertThatThrownBy(() -> start(folder.resolve("gone.crt")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("gone.crt does not exist");
  }
}
