package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.tls.CertificateStatus;
import ai.llmd.epp.tls.CipherSuites;
import ai.llmd.epp.tls.FollowedIdentity;
import ai.llmd.epp.tls.ServerIdentity;
import ai.llmd.epp.tls.ServerKeys;
import ai.llmd.epp.tls.TlsSettings;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The TLS side of a server.
 *
 * @param followed the watch over its certificate; null when there is none
 * @param certificate null when it is self-signed
 */
record ServerTls(
    SslContext context,
    @Nullable FollowedIdentity followed,
    @Nullable CertificateStatus certificate)
    implements AutoCloseable {

  /**
   * @param identity what the server shows first
   * @throws IOException when TLS cannot be set up
   * @throws IllegalArgumentException when a cipher suite is not known
   */
  static ServerTls of(TlsSettings settings, ServerIdentity identity) throws IOException {
    Path directory = settings.certificateDirectory();
    ServerKeys keys = new ServerKeys(identity);
    SslContext context = context(settings, keys);
    if (directory == null) {
      return new ServerTls(context, null, null);
    }
    if (!settings.reloadsCertificate()) {
      return new ServerTls(context, null, CertificateStatus.of(directory, keys, () -> 0));
    }
    FollowedIdentity followed = FollowedIdentity.in(directory, keys, identity);
    return new ServerTls(context, followed, followed.status());
  }

  private static SslContext context(TlsSettings settings, ServerKeys keys) throws IOException {
    SslContextBuilder tls =
        GrpcSslContexts.configure(SslContextBuilder.forServer(keys), SslProvider.JDK)
            .protocols(settings.minVersion().protocolsFromHere());
    if (!settings.cipherSuites().isEmpty()) {
      tls.ciphers(CipherSuites.named(settings.cipherSuites()), SupportedCipherSuiteFilter.INSTANCE);
    }
    return tls.build();
  }

  @Override
  public void close() {
    if (followed != null) {
      followed.close();
    }
  }
}
