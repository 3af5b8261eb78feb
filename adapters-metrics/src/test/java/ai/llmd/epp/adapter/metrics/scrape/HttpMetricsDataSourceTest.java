package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.metrics.page.ScrapeTarget;
import ai.llmd.epp.adapter.metrics.scrape.HttpMetricsDataSource.Parameters;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HttpMetricsDataSourceTest {

  private final CountingObserver observer = new CountingObserver();

  @Test
  void readsOverTlsWithoutLookingAtTheCertificate() throws Exception {
    assertReads(https(true, "", ""), ClientAuth.NONE);
  }

  @Test
  void readsFromAServerWhoseAuthorityItTrusts() throws Exception {
    assertReads(https(false, pem("ca.pem"), ""), ClientAuth.NONE);
  }

  @Test
  void showsItsOwnCertificate() throws Exception {
    assertReads(https(false, pem("ca.pem"), "client"), ClientAuth.REQUIRE);
  }

  @Test
  void refusesAServerOfAnotherAuthority() throws Exception {
    assertRefused(https(false, pem("other-ca.pem"), ""), ClientAuth.NONE);
  }

  @Test
  void refusesAServerOfAnUnknownAuthority() throws Exception {
    assertRefused(https(false, "", ""), ClientAuth.NONE);
  }

  @Test
  void failsWithoutTheCertificateThatTheServerWants() throws Exception {
    assertRefused(https(true, "", ""), ClientAuth.REQUIRE);
  }

  @Test
  void refusesParametersThatMakeNoSense() {
    assertThatThrownBy(() -> plain("ftp", "/metrics", null, Duration.ZERO))
        .hasMessage("scheme: unsupported scheme: ftp; known: http, https");
    assertThatThrownBy(() -> plain("http", "metrics", null, Duration.ZERO))
        .hasMessageContaining("path must start with /");
    assertThatThrownBy(() -> plain("http", "/a b", null, Duration.ZERO))
        .hasMessageContaining("path must start with /");
    assertThatThrownBy(() -> plain("http", "/metrics", 0, Duration.ZERO))
        .hasMessage("port must be within 1 and 65535, was 0");
    assertThatThrownBy(() -> plain("http", "/metrics", 65_536, Duration.ZERO))
        .hasMessage("port must be within 1 and 65535, was 65536");
    assertThatThrownBy(() -> plain("http", "/metrics", null, Duration.ofMillis(-1)))
        .hasMessage("interval must not be negative, was PT-0.001S");
    assertThatThrownBy(() -> https(false, "/no/such/file", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/no/such/file");
    assertThatThrownBy(() -> https(false, pem("server.key"), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("caCertPath");
    assertThatThrownBy(
            () -> new Parameters("https", "/", null, true, "", "c.pem", "", Duration.ZERO))
        .hasMessage("clientCertPath and clientKeyPath must be given together");
  }

  @Test
  void goesToTheAnnouncedPortUnlessConfiguredOtherwise() {
    Endpoint endpoint =
        new Endpoint(new EndpointId("n", "e"), "e", "::1", 80, "127.0.0.9:81", Map.of(), 0);
    assertThat(plain("http", "/", null, Duration.ZERO).authority(endpoint))
        .isEqualTo("127.0.0.9:81");
    assertThat(plain("http", "/", 82, Duration.ZERO).authority(endpoint)).isEqualTo("[::1]:82");
  }

  @Test
  void connectsToAddressesAndNames() {
    assertThat(ScrapeTarget.parse("http", "[::1]:80").host()).isEqualTo("::1");
    assertThat(ScrapeTarget.parse("http", "127.0.0.1:80").address().isUnresolved()).isFalse();
    ScrapeTarget named = ScrapeTarget.parse("https", "epp.example:9090");
    assertThat(named.host()).isEqualTo("epp.example");
    assertThat(named.address().isUnresolved()).isTrue();
    for (String wrong : List.of("a b:80", "-:80", "127.0.0.1", "127.0.0.1:x", ":80", "")) {
      assertThatThrownBy(() -> ScrapeTarget.parse("http", wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + wrong + "\"");
    }
  }

  private static HttpMetricsDataSource plain(
      String scheme, String path, @Nullable Integer port, Duration interval) {
    return new HttpMetricsDataSource(
        new Parameters(scheme, path, port, true, "", "", "", interval));
  }

  private static HttpMetricsDataSource https(boolean skip, String ca, String client)
      throws URISyntaxException {
    String certificate = client.isEmpty() ? "" : pem(client + ".pem");
    String key = client.isEmpty() ? "" : pem(client + ".key");
    return new HttpMetricsDataSource(
        new Parameters("https", "/metrics", null, skip, ca, certificate, key, Duration.ZERO));
  }

  private void assertReads(HttpMetricsDataSource source, ClientAuth auth) throws Exception {
    try (FakeModelServer server = secure(auth);
        MetricsScraper scraper = scraper(source)) {
      server.waitingRequests.set(3);
      EndpointState endpoint = server.endpoint(0);
      scraper.added(endpoint);
      await().until(() -> endpoint.load().waitingRequests() == 3);
      server.waitingRequests.set(4);
      await().until(() -> endpoint.load().waitingRequests() == 4);
      assertThat(server.connections).hasValue(1);
    }
  }

  private void assertRefused(HttpMetricsDataSource source, ClientAuth auth) throws Exception {
    try (FakeModelServer server = secure(auth);
        MetricsScraper scraper = scraper(source)) {
      EndpointState endpoint = server.endpoint(0);
      scraper.added(endpoint);
      await().until(() -> observer.pollErrors.get() >= 2);
      assertThat(endpoint.load().isSampled()).isFalse();
      assertThat(server.requests).hasValue(0);
    }
  }

  private MetricsScraper scraper(HttpMetricsDataSource source) {
    ScrapedSource bound =
        new ScrapedSource(
            source, List.of(new CoreMetricsExtractor(CoreMetricsExtractor.Parameters.DEFAULTS)));
    return new MetricsScraper(
        ScrapeSettings.DEFAULTS,
        List.of(bound),
        observer,
        NotePolls.NONE,
        new ScrapePauses(),
        System::nanoTime);
  }

  private static FakeModelServer secure(ClientAuth auth) throws Exception {
    JdkSslContext context =
        (JdkSslContext)
            SslContextBuilder.forServer(new File(pem("server.pem")), new File(pem("server.key")))
                .sslProvider(SslProvider.JDK)
                .trustManager(new File(pem("ca.pem")))
                .build();
    SSLServerSocketFactory sockets = context.context().getServerSocketFactory();
    ServerSocketFactory demanding =
        new ServerSocketFactory() {
          @Override
          public ServerSocket createServerSocket(int port) throws IOException {
            return createServerSocket(port, 0);
          }

          @Override
          public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return createServerSocket(port, backlog, InetAddress.getLoopbackAddress());
          }

          @Override
          public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
              throws IOException {
            SSLServerSocket socket =
                (SSLServerSocket) sockets.createServerSocket(port, backlog, address);
            socket.setNeedClientAuth(auth == ClientAuth.REQUIRE);
            return socket;
          }
        };
    return new FakeModelServer((path, out) -> false, demanding, "127.0.0.1").answering();
  }

  private static String pem(String name) throws URISyntaxException {
    return new File(
            Objects.requireNonNull(HttpMetricsDataSourceTest.class.getResource("/tls/" + name))
                .toURI())
        .getPath();
  }
}
