package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.admin.AdminPages;
import ai.llmd.epp.adapter.admin.server.AdminServer;
import ai.llmd.epp.adapter.admin.server.AdminTls;
import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.server.ConnectionLimits;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer;
import ai.llmd.epp.adapter.extproc.server.NetworkLimits;
import ai.llmd.epp.adapter.extproc.server.Transport;
import ai.llmd.epp.adapter.files.objects.ObjectFiles;
import ai.llmd.epp.adapter.files.objects.ObjectOwner;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.ConfigurationSource;
import ai.llmd.epp.tls.TlsSettings;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Turns options into the settings of servers and files. */
final class ServerSettings {

  private ServerSettings() {}

  static ExtProcServer.Settings of(Options options) {
    Options.Server server = options.server();
    return new ExtProcServer.Settings(
        server.grpcPort(),
        server.maxReceivedBytes() == 0
            ? ExtProcServer.Settings.DEFAULT_MESSAGE_BYTES
            : server.maxReceivedBytes(),
        tls(options.tls()),
        server.servesHealthOnGrpcPort(),
        NetworkLimits.within(NetworkMemory.bytes()),
        connections(options.limits().connections()),
        server.isLean() ? Transport.LEAN : Transport.GRPC_JAVA);
  }

  private static ConnectionLimits connections(Options.Connections limits) {
    return new ConnectionLimits(
        limits.streams(), limits.resets(), limits.untilFirstMessage(), limits.betweenMessages());
  }

  private static @Nullable TlsSettings tls(Options.Tls tls) {
    if (!tls.isEnabled()) {
      return null;
    }
    return new TlsSettings(
        tls.certPath().isEmpty() ? null : Path.of(tls.certPath()),
        tls.reloadsCertificate(),
        tls.minVersion(),
        tls.cipherSuites());
  }

  /**
   * The metrics port. Probes need no permission: they say nothing but a word, and a kubelet has no
   * token to show.
   *
   * @param access null where no review is possible
   */
  static AdminServer.Settings admin(Options.Metrics metrics, @Nullable AccessReview access) {
    Path certificates = metrics.access().certificates();
    return new AdminServer.Settings(
        metrics.address(),
        metrics.port(),
        certificates == null
            ? null
            : new AdminTls(certificates, metrics.access().clientAuthority()),
        access,
        AdminPages.PROBES);
  }

  /**
   * Whether threads, heap and recordings are shown.
   *
   * @param access null where no review is possible
   */
  static boolean showsDiagnostics(Options.Metrics metrics, @Nullable AccessReview access) {
    return switch (metrics.diagnostics()) {
      case ON -> true;
      case OFF -> false;
      case FOR_KNOWN_READERS -> access != null || metrics.access().clientAuthority() != null;
    };
  }

  /** The configuration as it is written. */
  static YamlSource configuration(Options options) throws IOException {
    return ConfigurationSource.of(options.configuration().text(), options.configuration().file());
  }

  /** The files with objectives and rewrites. */
  static ObjectFiles.Settings objects(Options options) {
    Options.Pool pool = options.pool();
    return new ObjectFiles.Settings(
        options.objects().objectivesFile(),
        options.objects().rewritesFile(),
        new ObjectOwner(pool.name(), pool.group(), pool.namespace()));
  }

  static StreamLimits limits(Options.Limits limits) {
    int bodyBytes = Math.clamp(limits.requestBodyBytes(), 1, StreamLimits.LARGEST_ARRAY);
    return new StreamLimits(
        bodyBytes,
        StreamLimits.DEFAULT.responseBytes(),
        limits.bufferedBytes(),
        limits.streams(),
        StreamLimits.DEFAULT.headers());
  }
}
