package ai.llmd.epp.sidecar.server;

import ai.llmd.epp.tls.SelfSignedCertificate;
import ai.llmd.epp.tls.ServerIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A folder of {@code tls.crt} and {@code tls.key}, as a secret is mounted. */
final class CertificateFolder {

  private static final int KEY_BITS = 2048; // enough for a test, and quick
  private static final char[] NO_PASSWORD = {};

  private final Path folder;

  CertificateFolder(Path folder) {
    this.folder = folder;
  }

  /** Puts a pair there, signed by itself and with this organization in its name. */
  ServerIdentity show(String organization) throws IOException {
    ServerIdentity identity = SelfSignedCertificate.create(organization, KEY_BITS, Instant.now());
    write("tls.key", pem("PRIVATE KEY", identity.key().getEncoded()));
    try {
      write("tls.crt", pem("CERTIFICATE", identity.chain().getFirst().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
    return identity;
  }

  /** A certificate that is none. */
  void breakIt() throws IOException {
    write("tls.crt", "none");
  }

  private void write(String name, String text) throws IOException {
    Path next = Files.writeString(folder.resolve(name + ".next"), text);
    Files.move(next, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private static String pem(String kind, byte[] der) {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
  }

  /** For a server that shows this identity. */
  static SSLContext server(ServerIdentity identity) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "a", identity.key(), NO_PASSWORD, identity.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
