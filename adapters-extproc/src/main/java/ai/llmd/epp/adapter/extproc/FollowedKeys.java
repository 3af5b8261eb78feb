package ai.llmd.epp.adapter.extproc;

import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The key and the certificate of a folder, for a server of another kind than ours. The folder is
 * watched: a new pair is shown from the next handshake on, one that cannot be used is logged and
 * the old one stays.
 */
public final class FollowedKeys implements AutoCloseable {

  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final CertificateWatch watch;

  private FollowedKeys(Path directory) throws IOException {
    use(ServerIdentity.read(directory));
    watch = CertificateWatch.start(directory, this::use);
  }

  /**
   * Reads and begins to watch.
   *
   * @param directory holds {@code tls.crt} and {@code tls.key}, both PEM
   * @throws IOException when a file cannot be read, or the two do not belong together
   */
  public static FollowedKeys in(Path directory) throws IOException {
    return new FollowedKeys(directory);
  }

  private void use(ServerIdentity identity) {
    keys.updateIdentityCredentials(
        identity.chain().toArray(X509Certificate[]::new), identity.key());
  }

  /** What JSSE asks at each handshake. */
  public X509ExtendedKeyManager manager() {
    return keys;
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
