package ai.llmd.epp.sidecar.server;

import ai.llmd.epp.sidecar.cli.SidecarSettings;
import ai.llmd.epp.sidecar.cli.SidecarSettings.Stage;
import ai.llmd.epp.tls.CipherSuites;
import ai.llmd.epp.tls.FollowedIdentity;
import ai.llmd.epp.tls.SelfSignedCertificate;
import ai.llmd.epp.tls.ServerIdentity;
import ai.llmd.epp.tls.ServerKeys;
import ai.llmd.epp.tls.TlsVersion;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** TLS towards clients and towards model servers. */
final class Certificates implements AutoCloseable {

  private static final String ORGANIZATION = "llm-d Routing Sidecar";

  private static final List<String> SUITES =
      List.of(
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");

  private final @Nullable SslContext server;
  private final @Nullable FollowedIdentity followed;

  private Certificates(@Nullable SslContext server, @Nullable FollowedIdentity followed) {
    this.server = server;
    this.followed = followed;
  }

  /**
   * Reads or makes the certificate that clients see.
   *
   * @throws IOException when it cannot be used
   */
  static Certificates of(SidecarSettings settings) throws IOException {
    if (!settings.isSecure()) {
      return new Certificates(null, null);
    }
    Path directory = settings.certificates();
    ServerIdentity identity =
        directory == null
            ? SelfSignedCertificate.create(
                ORGANIZATION, SelfSignedCertificate.KEY_BITS, Instant.now())
            : ServerIdentity.read(directory);
    ServerKeys keys = new ServerKeys(identity);
    SslContext context =
        SslContextBuilder.forServer(keys)
            .sslProvider(SslProvider.JDK)
            .protocols(TlsVersion.TLS_1_2.protocolsFromHere())
            .ciphers(CipherSuites.named(SUITES), SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1))
            .build();
    return new Certificates(
        context, directory == null ? null : FollowedIdentity.in(directory, keys, identity));
  }

  /** Null for plain text. */
  @Nullable SslContext server() {
    return server;
  }

  /** How the servers of a stage are asked; null for plain text. */
  static @Nullable SslContext towards(Stage stage, SidecarSettings settings) throws IOException {
    if (!settings.tlsStages().contains(stage)) {
      return null;
    }
    SslContextBuilder context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols(TlsVersion.TLS_1_2.protocolsFromHere())
            .ciphers(CipherSuites.named(SUITES), SupportedCipherSuiteFilter.INSTANCE);
    if (settings.unverifiedStages().contains(stage)) {
      context
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null);
    }
    return context.build();
  }

  @Override
  public void close() {
    if (followed != null) {
      followed.close();
    }
  }
}
