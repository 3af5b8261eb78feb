package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.rehearsal.Rehearsal;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer.Settings;
import ai.llmd.epp.tls.SelfSignedCertificate;
import ai.llmd.epp.tls.ServerIdentity;
import ai.llmd.epp.tls.TlsSettings;
import ai.llmd.epp.tls.TlsVersion;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {

  private static final int SHORT_KEY = 2048; // the reference's 4096 bits take seconds

  @TempDir Path directory;

  private static ServerIdentity identity() throws IOException {
    return SelfSignedCertificate.create(SHORT_KEY, Instant.now());
  }

  /** Both files appear at once, as a mounted secret's do. */
  private void write(ServerIdentity identity) throws Exception {
    Files.writeString(directory.resolve("tls.key"), pkcs8(identity));
    StringWriter certificate = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(certificate)) {
      pem.writeObject(identity.chain().getFirst());
    }
    Files.writeString(directory.resolve("tls.crt"), certificate.toString());
  }

  private static String pkcs8(ServerIdentity identity) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(identity.key().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  private TestPicker start(boolean reloads, TlsVersion minVersion, List<String> suites) {
    TlsSettings tls = new TlsSettings(directory, reloads, minVersion, suites);
    return TestPicker.start(
        new Settings(0, 1 << 20, tls, false, NetworkLimits.DEFAULT, ConnectionLimits.DEFAULT));
  }

  private static X509Certificate certificateOf(TestPicker picker, String... protocols)
      throws IOException, GeneralSecurityException {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) trusting.getSocketFactory().createSocket("localhost", picker.server.port())) {
      if (protocols.length > 0) {
        socket.setEnabledProtocols(protocols);
      }
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static void assertServes(TestPicker picker) throws SSLException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", picker.server.port())
            .sslContext(
                GrpcSslContexts.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build())
            .build();
    try {
      Dialogue dialogue = Dialogue.open(channel).send(requestHeaders(true));
      assertThat(dialogue.next().hasRequestHeaders()).isTrue();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void servesWithASelfSignedCertificateOf4096Bits() throws Exception {
    try (TestPicker picker =
        TestPicker.start(
            new Settings(
                0,
                1 << 20,
                TlsSettings.SELF_SIGNED,
                false,
                NetworkLimits.DEFAULT,
                ConnectionLimits.DEFAULT))) {
      assertServes(picker);
      var key = (RSAPublicKey) certificateOf(picker).getPublicKey();
      assertThat(key.getModulus().bitLength()).isEqualTo(4096);
    }
  }

  @Test
  void servesTheCertificateOfADirectoryAndTakesOverANewOne() throws Exception {
    ServerIdentity first = identity();
    write(first);
    try (TestPicker picker = start(true, TlsVersion.TLS_1_2, List.of())) {
      assertServes(picker);
      assertThat(certificateOf(picker)).isEqualTo(first.chain().getFirst());

      Files.writeString(directory.resolve("tls.crt"), "nothing of use"); // does no harm
      ServerIdentity second = identity();
      write(second);
      await()
          .untilAsserted(
              () -> assertThat(certificateOf(picker)).isEqualTo(second.chain().getFirst()));
    }
  }

  @Test
  void servesNothingBelowItsLowestVersion() throws Exception {
    write(identity());
    try (TestPicker picker = start(false, TlsVersion.TLS_1_3, List.of())) {
      assertThat(certificateOf(picker, "TLSv1.3")).isNotNull();
      assertThatThrownBy(() -> certificateOf(picker, "TLSv1.2")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void servesTheNamedSuitesAndThoseOfTls13() throws Exception {
    write(identity());
    List<String> suites = List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    try (TestPicker picker = start(false, TlsVersion.TLS_1_2, suites)) {
      assertThat(certificateOf(picker, "TLSv1.2")).isNotNull();
      assertThat(certificateOf(picker, "TLSv1.3")).isNotNull();
      assertServes(picker);
    }
  }

  /** Its own client speaks TLS, too. */
  @Test
  void isRehearsed() throws Exception {
    write(identity());
    try (TestPicker picker = start(false, TlsVersion.TLS_1_2, List.of())) {
      int held = Rehearsal.hold(picker.server.port(), true, Duration.ZERO);

      assertThat(picker.routing.requests).hasSize(held);
    }
  }
}
