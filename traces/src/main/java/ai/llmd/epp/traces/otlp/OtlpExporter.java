package ai.llmd.epp.traces.otlp;

import ai.llmd.epp.traces.span.SpanExporter;
import ai.llmd.epp.traces.span.SpanWriter;
import java.io.IOException;
import java.util.Map;

/**
 * Sends spans to a collector, on the thread that exports: it returns when they are taken, or when
 * their time is over. That thread may be interrupted.
 */
public final class OtlpExporter implements SpanExporter {

  private final OtlpWriter writer;
  private final SpanSender sender;

  private OtlpExporter(OtlpWriter writer, SpanSender sender) {
    this.writer = writer;
    this.sender = sender;
  }

  /**
   * Sends over gRPC; connects when the first spans go out.
   *
   * @param resource attributes of the program
   * @param commit of the sources, an attribute of every scope
   */
  public static OtlpExporter overGrpc(
      Collector collector, Map<String, String> resource, String commit) {
    return new OtlpExporter(new OtlpWriter(resource, commit), GrpcSender.to(collector));
  }

  /**
   * Sends over HTTP; connects when the first spans go out.
   *
   * @param resource attributes of the program
   * @param commit of the sources, an attribute of every scope
   */
  public static OtlpExporter overHttp(
      Collector collector, Map<String, String> resource, String commit) {
    return new OtlpExporter(new OtlpWriter(resource, commit), HttpSender.to(collector));
  }

  @Override
  public SpanWriter begin() {
    writer.clear();
    return writer;
  }

  @Override
  public void export() throws IOException, InterruptedException {
    sender.send(writer.request());
  }

  @Override
  public void close() {
    sender.close();
  }
}
