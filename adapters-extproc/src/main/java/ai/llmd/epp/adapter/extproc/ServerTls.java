package ai.llmd.epp.adapter.extproc;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** The TLS side of a server: its context and, if wanted, the watch over its certificate. */
record ServerTls(SslContext context, @Nullable CertificateWatch watch) implements AutoCloseable {

  /**
   * @param identity what the server shows first
   * @throws IOException when the certificate cannot be watched
   * @throws IllegalArgumentException when a cipher suite is not known
   */
  static ServerTls of(TlsSettings settings, ServerIdentity identity) throws IOException {
    Path directory = settings.certificateDirectory();
    AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
    use(keys, identity);
    SslContext context = context(settings, keys);
    return new ServerTls(
        context,
        directory != null && settings.reloadsCertificate()
            ? CertificateWatch.start(directory, renewed -> use(keys, renewed))
            : null);
  }

  private static void use(AdvancedTlsX509KeyManager keys, ServerIdentity identity) {
    keys.updateIdentityCredentials(
        identity.chain().toArray(X509Certificate[]::new), identity.key());
  }

  private static SslContext context(TlsSettings settings, AdvancedTlsX509KeyManager keys)
      throws IOException {
    SslContextBuilder tls =
        GrpcSslContexts.configure(SslContextBuilder.forServer(keys), SslProvider.JDK)
            .protocols(settings.minVersion().protocolsFromHere());
    if (!settings.cipherSuites().isEmpty()) {
      tls.ciphers(CipherSuites.named(settings.cipherSuites()), SupportedCipherSuiteFilter.INSTANCE);
    }
    return tls.build();
  }

  @Override
  public void close() throws IOException {
    if (watch != null) {
      watch.close();
    }
  }
}
