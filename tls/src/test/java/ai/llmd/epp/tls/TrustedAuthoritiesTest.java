package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedAuthoritiesTest {

  @SuppressWarnings("NullAway.Init")
  private static ServerIdentity identity;

  @TempDir private Path folder;

  @BeforeAll
  static void makeIdentity() throws IOException {
    identity = IdentityFiles.identity();
  }

  @AfterEach
  void restore() {
    Security.removeProvider(TrustedAuthorities.PROVIDER);
  }

  @Test
  void aFolderAddsToWhatTheJdkTrusts() throws Exception {
    int before = authorities();
    Path other = Files.createDirectory(folder.resolve("other"));
    IdentityFiles.write(other, identity); // with a key beside the certificate
    Files.createDirectory(other.resolve("..data"));
    Files.writeString(other.resolve("notes.txt"), "no certificate at all");

    TrustedAuthorities.install(Map.of("SSL_CERT_DIR", folder.resolve("missing") + "::" + other));

    assertThat(authorities()).isEqualTo(before + 1);
    assertThat(connect()).isEqualTo(identity.chain().getFirst());
  }

  @Test
  void aFileReplacesWhatTheJdkTrusts() throws Exception {
    IdentityFiles.write(folder, identity);
    String twice = Files.readString(folder.resolve("tls.crt")).repeat(2);
    Path bundle = Files.writeString(folder.resolve("bundle.pem"), "# ours\n" + twice);

    TrustedAuthorities.install(Map.of("SSL_CERT_FILE", bundle.toString()));

    assertThat(authorities()).isEqualTo(1);
    assertThat(connect()).isEqualTo(identity.chain().getFirst());
  }

  @Test
  void withoutTheVariablesNothingChanges() throws Exception {
    TrustedAuthorities.install(Map.of("SSL_CERT_DIR", "", "HOME", "/"));

    assertThat(Security.getProvider(TrustedAuthorities.PROVIDER)).isNull();
    assertThatThrownBy(this::connect).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void whatCannotBeReadTrustsNobody() throws Exception {
    Path broken =
        Files.writeString(
            folder.resolve("broken.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

    TrustedAuthorities.install(
        Map.of("SSL_CERT_FILE", broken.toString(), "SSL_CERT_DIR", folder.toString()));

    assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
  }

  @Test
  void authoritiesThatAClientNamesStayItsOwn() throws Exception {
    IdentityFiles.write(folder, identity);
    TrustedAuthorities.install(Map.of("SSL_CERT_DIR", folder.toString()));
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    own.setCertificateEntry("other", IdentityFiles.identity().chain().getFirst());

    TrustManagerFactory factory = factory();
    factory.init(own);

    assertThat(((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers()).hasSize(1);
  }

  private static TrustManagerFactory factory() throws GeneralSecurityException {
    return TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
  }

  private static int authorities() throws GeneralSecurityException {
    TrustManagerFactory factory = factory();
    factory.init((KeyStore) null);
    return ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length;
  }

  /** What a client sees of the server, which trusts as a client does that configures nothing. */
  private Object connect() throws Exception {
    SSLContext server = SSLContext.getInstance("TLS");
    server.init(new KeyManager[] {new ServerKeys(identity)}, null, null);
    SSLContext client = SSLContext.getInstance("TLS");
    client.init(null, null, null);
    try (SSLServerSocket listening =
            (SSLServerSocket)
                server
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SSLSocket socket =
            (SSLSocket)
                client
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), listening.getLocalPort())) {
      CompletableFuture<Void> accepted = CompletableFuture.runAsync(() -> accept(listening));
      socket.startHandshake();
      accepted.join();
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  private static void accept(SSLServerSocket listening) {
    try (SSLSocket socket = (SSLSocket) listening.accept()) {
      socket.startHandshake();
    } catch (IOException e) {
      // the client refuses the certificate
    }
  }
}
