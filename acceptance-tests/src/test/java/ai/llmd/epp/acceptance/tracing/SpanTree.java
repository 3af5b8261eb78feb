package ai.llmd.epp.acceptance.tracing;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Spans as an indented text: names, kinds, attributes, events, and no time. */
final class SpanTree {

  private final List<Span> spans;
  private final StringBuilder text = new StringBuilder();

  private SpanTree(List<Span> spans) {
    this.spans = spans;
  }

  /** The spans whose parent is none of them, with all below. */
  static String of(List<Span> spans) {
    SpanTree tree = new SpanTree(spans);
    spans.stream()
        .filter(span -> spans.stream().noneMatch(other -> isChild(span, other)))
        .forEach(root -> tree.add("", root));
    return tree.text.toString();
  }

  private static boolean isChild(Span span, Span parent) {
    return span.getParentSpanId().equals(parent.getSpanId());
  }

  private void add(String indent, Span span) {
    String kind = span.getKind().name().replace("SPAN_KIND_", "");
    text.append(indent).append(span.getName()).append(" (").append(kind).append(")\n");
    span.getAttributesList().stream()
        .map(SpanTree::shown)
        .sorted()
        .forEach(attribute -> text.append(indent).append("  . ").append(attribute).append('\n'));
    span.getEventsList()
        .forEach(
            event ->
                text.append(indent)
                    .append("  ! ")
                    .append(event.getName())
                    .append(
                        event.getAttributesList().stream()
                            .map(SpanTree::shown)
                            .sorted()
                            .collect(Collectors.joining(", ", " [", "]")))
                    .append('\n'));
    spans.stream()
        .filter(other -> isChild(other, span))
        .sorted(Comparator.comparingLong(Span::getStartTimeUnixNano).thenComparing(Span::getName))
        .forEach(child -> add(indent + "  ", child));
  }

  private static String shown(KeyValue attribute) {
    return attribute.getKey() + " = " + value(attribute.getValue());
  }

  private static String value(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case INT_VALUE -> Long.toString(value.getIntValue());
      case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
      case ARRAY_VALUE ->
          value.getArrayValue().getValuesList().stream()
              .map(SpanTree::value)
              .collect(Collectors.joining(", ", "[", "]"));
      default -> throw new AssertionError("a value of no known kind: " + value);
    };
  }
}
