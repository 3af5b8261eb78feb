package ai.llmd.epp.traces.otlp;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.util.Collection;

/**
 * Sends spans to a collector, on the thread that exports: it returns when they are taken, or when
 * their time is over. That thread may be interrupted. Called by one thread at a time.
 */
public final class OtlpExporter implements SpanExporter {

  private final SpanEncoder encoder;
  private final SpanSender sender;

  private OtlpExporter(SpanEncoder encoder, SpanSender sender) {
    this.encoder = encoder;
    this.sender = sender;
  }

  /**
   * Sends over gRPC; connects when the first spans go out.
   *
   * @param commit of the sources, an attribute of every scope
   */
  public static OtlpExporter overGrpc(Collector collector, Resource resource, String commit) {
    return new OtlpExporter(new SpanEncoder(resource, commit), GrpcSender.to(collector));
  }

  /**
   * Sends over HTTP; connects when the first spans go out.
   *
   * @param commit of the sources, an attribute of every scope
   */
  public static OtlpExporter overHttp(Collector collector, Resource resource, String commit) {
    return new OtlpExporter(new SpanEncoder(resource, commit), HttpSender.to(collector));
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    try {
      sender.send(encoder.encode(spans));
      return CompletableResultCode.ofSuccess();
    } catch (IOException e) {
      return CompletableResultCode.ofExceptionalFailure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableResultCode.ofExceptionalFailure(e);
    }
  }

  /** Holds nothing back. */
  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    sender.close();
    return CompletableResultCode.ofSuccess();
  }
}
