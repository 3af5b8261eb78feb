package ai.llmd.epp.traces;

import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanWriter;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes spans as indented JSON objects. Not for several threads at once. */
final class ConsoleWriter implements SpanWriter {

  private static final HexFormat HEX = HexFormat.of();
  private static final String NO_PARENT = "0".repeat(16);

  private final String resource;
  private final StringBuilder text = new StringBuilder();
  private @Nullable SpanHead head; // of the span that is being written
  private String indent = "\t";
  private boolean hasAttribute;
  private boolean hasEvent;
  private String code = "UNSET";
  private String description = "";

  /**
   * @param resource attributes of the program, shown with each span
   */
  ConsoleWriter(Map<String, String> resource) {
    text.append('[');
    resource.forEach((name, value) -> attribute(AttributeName.of(name), value));
    this.resource = text.append(']').toString();
    clear();
  }

  /** Forgets what was written. */
  void clear() {
    text.setLength(0);
  }

  String text() {
    return text.toString();
  }

  @Override
  public SpanWriter begin(SpanHead begun) {
    head = begun;
    code = "UNSET";
    description = "";
    hasEvent = false;
    String trace = begun.trace().text();
    text.append("{\n");
    field("Name", begun.name());
    context("SpanContext", trace, HEX.toHexDigits(begun.id()));
    context("Parent", trace, begun.parentId() == 0 ? NO_PARENT : HEX.toHexDigits(begun.parentId()));
    field("SpanKind", begun.kind().name());
    field("StartTime", time(begun.startNanos()));
    field("EndTime", time(begun.endNanos()));
    text.append("\t\"Attributes\": [");
    beginAttributes("\t");
    return this;
  }

  private void field(String name, String value) {
    text.append('\t').append(quoted(name)).append(": ").append(quoted(value)).append(",\n");
  }

  private void context(String name, String traceId, String spanId) {
    text.append('\t').append(quoted(name)).append(": {\"TraceID\": ").append(quoted(traceId));
    text.append(", \"SpanID\": ").append(quoted(spanId)).append("},\n");
  }

  private void beginAttributes(String margin) {
    indent = margin;
    hasAttribute = false;
  }

  @Override
  public SpanWriter event(String name, long nanos) {
    beginEvents();
    text.append(hasEvent ? "]}," : "").append("\n\t\t{\"Name\": ").append(quoted(name));
    text.append(", \"Time\": ").append(quoted(time(nanos))).append(", \"Attributes\": [");
    hasEvent = true;
    beginAttributes("\t\t");
    return this;
  }

  private void beginEvents() {
    if (!hasEvent) {
      text.append("],\n\t\"Events\": [");
    }
  }

  @Override
  public SpanWriter failed(String reason) {
    code = "ERROR";
    description = SpanWriter.cut(reason);
    return this;
  }

  @Override
  public void end() {
    var scope = Objects.requireNonNull(head).scope();
    beginEvents();
    text.append(hasEvent ? "]}" : "").append("],\n\t\"Status\": {\"Code\": ").append(quoted(code));
    text.append(", \"Description\": ").append(quoted(description));
    text.append("},\n\t\"Resource\": ").append(resource);
    text.append(",\n\t\"InstrumentationScope\": {\"Name\": ").append(quoted(scope.name()));
    text.append(", \"Version\": ").append(quoted(scope.version())).append("}\n}\n");
  }

  @Override
  public SpanWriter attribute(AttributeName name, String value) {
    return attribute(name, "STRING", quoted(SpanWriter.cut(value)));
  }

  @Override
  public SpanWriter attribute(AttributeName name, long value) {
    return attribute(name, "LONG", Long.toString(value));
  }

  @Override
  public SpanWriter attribute(AttributeName name, double value) {
    return attribute(name, "DOUBLE", number(value));
  }

  @Override
  public SpanWriter attribute(AttributeName name, boolean value) {
    return attribute(name, "BOOLEAN", Boolean.toString(value));
  }

  @Override
  public SpanWriter attribute(AttributeName name, List<String> values) {
    List<String> quoted = values.stream().map(value -> quoted(SpanWriter.cut(value))).toList();
    return attribute(name, "STRING_ARRAY", quoted.toString());
  }

  @Override
  public SpanWriter attribute(AttributeName name, double[] values) {
    List<String> numbers = Arrays.stream(values).mapToObj(ConsoleWriter::number).toList();
    return attribute(name, "DOUBLE_ARRAY", numbers.toString());
  }

  private SpanWriter attribute(AttributeName name, String type, String value) {
    text.append(hasAttribute ? "," : "").append('\n').append(indent).append("\t{\"Key\": ");
    text.append(quoted(name.text())).append(", \"Value\": {\"Type\": ").append(quoted(type));
    text.append(", \"Value\": ").append(value).append("}}");
    hasAttribute = true;
    return this;
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : quoted(Double.toString(value));
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
}
