package ai.llmd.epp.traces;

import ai.llmd.epp.traces.TraceSettings.Otlp;
import ai.llmd.epp.traces.otlp.Collector;
import ai.llmd.epp.traces.otlp.OtlpExporter;
import ai.llmd.epp.traces.span.SpanExporter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes exporters of settings; a file that cannot be used is reported and left out.
 *
 * @param resource attributes of the program
 * @param commit of the sources, which every scope shows
 */
record SpanExporters(Map<String, String> resource, String commit, Consumer<String> warnings) {

  /** An exporter; connects when the first spans go out. */
  SpanExporter of(TraceSettings settings) {
    return switch (settings.exporter()) {
      case NONE -> throw new IllegalArgumentException("nothing is exported");
      case CONSOLE -> new ConsoleExporter(System.out, resource);
      case OTLP -> {
        Collector collector = collector(settings.otlp(), settings.queue().exportTimeout());
        yield switch (settings.otlp().protocol()) {
          case GRPC -> OtlpExporter.overGrpc(collector, resource, commit);
          case HTTP -> OtlpExporter.overHttp(collector, resource, commit);
        };
      }
    };
  }

  private Collector collector(Otlp otlp, Duration atMost) {
    return new Collector(
        otlp.endpoint(),
        otlp.headers(),
        otlp.timeout().compareTo(atMost) < 0 ? otlp.timeout() : atMost,
        otlp.isCompressed(),
        tls(otlp));
  }

  /** Null when no file is to be used. */
  private @Nullable JdkSslContext tls(Otlp otlp) {
    byte[] authority = read(otlp.authority());
    byte[] key = read(otlp.clientKey());
    byte[] certificate = read(otlp.clientCertificate());
    SslContextBuilder builder = builder(otlp);
    boolean hasAuthority =
        authority != null
            && use("_CERTIFICATE", () -> builder.trustManager(new ByteArrayInputStream(authority)));
    boolean hasKey =
        key != null
            && certificate != null
            && use(
                "_CLIENT_KEY and _CLIENT_CERTIFICATE",
                () ->
                    builder.keyManager(
                        new ByteArrayInputStream(certificate), new ByteArrayInputStream(key)));
    try {
      return hasAuthority || hasKey ? (JdkSslContext) builder.build() : null;
    } catch (SSLException e) {
      warnings.accept("OTEL_EXPORTER_OTLP: no TLS with these files: " + e.getMessage());
      return null;
    }
  }

  private static SslContextBuilder builder(Otlp otlp) {
    SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
    return switch (otlp.protocol()) {
      case HTTP -> builder;
      case GRPC ->
          builder.applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  "h2"));
    };
  }

  /** The builder throws for what is no PEM. */
  private boolean use(String variables, Runnable setting) {
    try {
      setting.run();
      return true;
    } catch (RuntimeException e) {
      warnings.accept("OTEL_EXPORTER_OTLP" + variables + ": no PEM that can be used; left out");
      return false;
    }
  }

  private byte @Nullable [] read(@Nullable Path file) {
    if (file == null) {
      return null;
    }
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      warnings.accept("OTEL_EXPORTER_OTLP: " + file + " cannot be read, and is left out");
      return null;
    }
  }
}
