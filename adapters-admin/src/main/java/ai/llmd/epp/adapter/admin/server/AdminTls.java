package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.tls.FollowedIdentity;
import ai.llmd.epp.tls.ServerIdentity;
import ai.llmd.epp.tls.ServerKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.2 and 1.3 on the metrics port.
 *
 * @param certificates folder with {@code tls.crt} and {@code tls.key}, followed
 * @param clientAuthority PEM with the authorities of clients, which then have to show a
 *     certificate; null when every client may connect. Read once
 */
public record AdminTls(Path certificates, @Nullable Path clientAuthority) {

  /** What it takes to serve; open until the server is closed. */
  record Opened(FollowedIdentity identity, SSLContext context, boolean needsClientCertificate)
      implements AutoCloseable {

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Talks TLS on a connection that was accepted. */
    Socket handshake(Socket plain) throws IOException {
      SSLSocket secured = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true);
      secured.setEnabledProtocols(PROTOCOLS);
      secured.setNeedClientAuth(needsClientCertificate);
      secured.startHandshake();
      return secured;
    }

    @Override
    public void close() {
      identity.close();
    }
  }

  /**
   * Reads all files.
   *
   * @throws IOException naming the file that cannot be used
   */
  Opened open() throws IOException {
    TrustManager @Nullable [] clients =
        clientAuthority == null ? null : trusting(authorities(clientAuthority));
    ServerIdentity identity = ServerIdentity.read(certificates);
    ServerKeys keys = new ServerKeys(identity);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, clients, null);
      return new Opened(
          FollowedIdentity.in(certificates, keys, identity), context, clients != null);
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS on the metrics port cannot be set up", e);
    }
  }

  private static KeyStore authorities(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + store.size(), authority);
      }
      if (store.size() == 0) {
        throw new IOException(file + " has no certificate");
      }
      return store;
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist", e);
    } catch (CertificateException e) {
      throw new IOException(file + " has no certificate that can be read", e);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " cannot be used", e);
    }
  }

  private static TrustManager[] trusting(KeyStore authorities) throws IOException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IOException("the authorities of metrics clients cannot be used", e);
    }
  }
}
