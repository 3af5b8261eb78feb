package ai.llmd.epp.sidecar.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that is replaced in its folder is shown from the next handshake on. */
class CertificateReloadTest {

  @TempDir private Path folder;
  private CertificateFolder certificates;
  private SidecarServer sidecar;
  private RawEngine engine;

  @BeforeEach
  void start() throws IOException {
    certificates = new CertificateFolder(folder);
    certificates.show("first");
    engine = new RawEngine((connection, head) -> {});
    sidecar =
        RunningSidecar.with(
            Map.of(),
            port ->
                new String[] {
                  "--port=" + port, "--model-server-port=" + engine.port(), "--cert-path=" + folder
                });
  }

  @AfterEach
  void stop() {
    sidecar.close();
    engine.close();
  }

  private SSLSocket client(String... protocols) throws IOException {
    try {
      SSLContext trusting = SSLContext.getInstance("TLS");
      trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      SSLSocket client =
          (SSLSocket)
              trusting
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst());
      client.setSoTimeout(10_000);
      if (protocols.length > 0) {
        client.setEnabledProtocols(protocols);
      }
      client.startHandshake();
      return client;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private String shown() throws IOException {
    try (SSLSocket client = client()) {
      X509Certificate shown = (X509Certificate) client.getSession().getPeerCertificates()[0];
      return shown.getSubjectX500Principal().getName();
    }
  }

  private static String health(SSLSocket client) throws IOException {
    client.getOutputStream().write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
    return RawEngine.head(client.getInputStream());
  }

  @Test
  void aNewPairIsShownAndOldConnectionsGoOn() throws Exception {
    assertThat(shown()).contains("O=first");
    try (SSLSocket old = client()) {
      assertThat(health(old)).startsWith("HTTP/1.1 200 ");
      certificates.show("second");
      await().pollInterval(Duration.ofMillis(50)).until(() -> shown().contains("O=second"));

      assertThat(health(old)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aBrokenPairLeavesTheOldOne() throws Exception {
    certificates.breakIt();
    await().during(Duration.ofMillis(600)).until(() -> shown().contains("O=first"));
    certificates.show("third");
    await().pollInterval(Duration.ofMillis(50)).until(() -> shown().contains("O=third"));
  }

  @Test
  void bothVersionsOfTlsAreSpoken() throws Exception {
    for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
      try (SSLSocket client = client(version)) {
        assertThat(client.getSession().getProtocol()).isEqualTo(version);
        assertThat(health(client)).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void aClientWithoutTlsGetsNoAnswer() throws Exception {
    try (var client =
        new java.net.Socket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst())) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write("GET /health HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1));

      assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
          .doesNotContain("HTTP/1.1 200");
    }
  }

  @Test
  void aFolderWithoutACertificateStopsTheStart(@TempDir Path empty) {
    assertThatThrownBy(
            () ->
                RunningSidecar.with(
                    Map.of(), port -> new String[] {"--port=" + port, "--cert-path=" + empty}))
        .hasRootCauseInstanceOf(IOException.class);
  }
}
