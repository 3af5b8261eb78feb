package ai.llmd.epp.traces;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** Prints spans as indented JSON objects with the reference's field names, one behind another. */
final class ConsoleExporter implements SpanExporter {

  private final PrintStream out;

  ConsoleExporter(PrintStream out) {
    this.out = out;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    StringBuilder text = new StringBuilder();
    spans.forEach(span -> append(text, span));
    out.print(text);
    out.flush();
    return out.checkError() ? CompletableResultCode.ofFailure() : CompletableResultCode.ofSuccess();
  }

  private static void append(StringBuilder text, SpanData span) {
    text.append("{\n");
    field(text, "Name", span.getName());
    context(text, "SpanContext", span.getTraceId(), span.getSpanId());
    context(text, "Parent", span.getTraceId(), span.getParentSpanId());
    field(text, "SpanKind", span.getKind().name());
    field(text, "StartTime", time(span.getStartEpochNanos()));
    field(text, "EndTime", time(span.getEndEpochNanos()));
    text.append("\t\"Attributes\": ");
    attributes(text, "\t", span.getAttributes());
    text.append(",\n\t\"Events\": [");
    String separator = "";
    for (EventData event : span.getEvents()) {
      text.append(separator).append("\n\t\t{\"Name\": ").append(quoted(event.getName()));
      text.append(", \"Time\": ").append(quoted(time(event.getEpochNanos())));
      text.append(", \"Attributes\": ");
      attributes(text, "\t\t", event.getAttributes());
      text.append('}');
      separator = ",";
    }
    text.append("],\n\t\"Status\": {\"Code\": ");
    text.append(quoted(span.getStatus().getStatusCode().name())).append(", \"Description\": ");
    text.append(quoted(span.getStatus().getDescription())).append("},\n\t\"Resource\": ");
    attributes(text, "\t", span.getResource().getAttributes());
    text.append(",\n\t\"InstrumentationScope\": {\"Name\": ");
    text.append(quoted(span.getInstrumentationScopeInfo().getName())).append(", \"Version\": ");
    text.append(quoted(String.valueOf(span.getInstrumentationScopeInfo().getVersion())));
    text.append("}\n}\n");
  }

  private static void field(StringBuilder text, String name, String value) {
    text.append('\t').append(quoted(name)).append(": ").append(quoted(value)).append(",\n");
  }

  private static void context(StringBuilder text, String name, String traceId, String spanId) {
    text.append('\t').append(quoted(name)).append(": {\"TraceID\": ").append(quoted(traceId));
    text.append(", \"SpanID\": ").append(quoted(spanId)).append("},\n");
  }

  private static void attributes(StringBuilder text, String indent, Attributes attributes) {
    text.append('[');
    String[] separator = {""};
    attributes.forEach(
        (key, value) -> {
          text.append(separator[0]).append('\n').append(indent).append("\t{\"Key\": ");
          text.append(quoted(key.getKey())).append(", \"Value\": {\"Type\": ");
          text.append(quoted(key.getType().name())).append(", \"Value\": ");
          value(text, value);
          text.append("}}");
          separator[0] = ",";
        });
    text.append(']');
  }

  private static void value(StringBuilder text, Object value) {
    if (value instanceof List<?> list) {
      text.append('[');
      for (int i = 0; i < list.size(); i++) {
        text.append(i == 0 ? "" : ", ");
        value(text, list.get(i));
      }
      text.append(']');
    } else if (value instanceof Boolean || value instanceof Long || isPlainNumber(value)) {
      text.append(value);
    } else {
      text.append(quoted(String.valueOf(value)));
    }
  }

  private static boolean isPlainNumber(Object value) {
    return value instanceof Double number && Double.isFinite(number);
  }

  private static String time(long epochNanos) {
    return Instant.ofEpochSecond(0, epochNanos).toString();
  }

  private static String quoted(String value) {
    StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
