package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcServer;
import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.TlsSettings;
import ai.llmd.epp.bootstrap.cli.Options;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Turns options into the settings of the ext-proc server. */
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
        server.servesHealthOnGrpcPort());
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
