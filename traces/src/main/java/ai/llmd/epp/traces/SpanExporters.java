package ai.llmd.epp.traces;

import ai.llmd.epp.traces.TraceSettings.Otlp;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporterBuilder;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes exporters of settings; a file that cannot be used is reported and left out. */
record SpanExporters(Consumer<String> warnings) {

  /** An exporter; connects when the first spans go out. */
  SpanExporter of(TraceSettings settings) {
    return switch (settings.exporter()) {
      case NONE -> SpanExporter.composite();
      case CONSOLE -> new ConsoleExporter(System.out);
      case OTLP ->
          switch (settings.otlp().protocol()) {
            case GRPC -> grpc(settings.otlp());
            case HTTP -> http(settings.otlp());
          };
    };
  }

  private SpanExporter grpc(Otlp otlp) {
    OtlpGrpcSpanExporterBuilder builder =
        OtlpGrpcSpanExporter.builder()
            .setEndpoint(otlp.endpoint().toString())
            .setTimeout(otlp.timeout())
            .setHeaders(otlp::headers);
    if (otlp.isCompressed()) {
      builder.setCompression("gzip");
    }
    secure(otlp, builder::setTrustedCertificates, builder::setClientTls);
    return builder.build();
  }

  private SpanExporter http(Otlp otlp) {
    OtlpHttpSpanExporterBuilder builder =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(otlp.endpoint().toString())
            .setTimeout(otlp.timeout())
            .setHeaders(otlp::headers);
    if (otlp.isCompressed()) {
      builder.setCompression("gzip");
    }
    secure(otlp, builder::setTrustedCertificates, builder::setClientTls);
    return builder.build();
  }

  /** The two kinds of builders have no type in common. */
  private void secure(
      Otlp otlp, Consumer<byte[]> authorities, BiConsumer<byte[], byte[]> clientKeyAndCertificate) {
    byte[] authority = read(otlp.authority());
    if (authority != null) {
      use("_CERTIFICATE", () -> authorities.accept(authority));
    }
    byte[] key = read(otlp.clientKey());
    byte[] certificate = read(otlp.clientCertificate());
    if (key != null && certificate != null) {
      use(
          "_CLIENT_KEY and _CLIENT_CERTIFICATE",
          () -> clientKeyAndCertificate.accept(key, certificate));
    }
  }

  /** The builders throw for what is no PEM. */
  private void use(String variables, Runnable setting) {
    try {
      setting.run();
    } catch (RuntimeException e) {
      warnings.accept("OTEL_EXPORTER_OTLP" + variables + ": no PEM that can be used; left out");
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
