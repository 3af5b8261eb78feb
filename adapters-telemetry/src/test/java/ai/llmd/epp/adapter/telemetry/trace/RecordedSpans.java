package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps what is written, and sees to it that a span follows the rules of its writer. */
final class RecordedSpans implements SpanWriter {

  private final List<Written> spans = new ArrayList<>();
  private Map<String, Object> attributes = Map.of();
  private boolean isOpen;

  /** One span. */
  record Written(SpanHead head, Map<String, Object> attributes, Map<String, Object> events) {}

  static RecordedSpans of(EndedSpans ended) {
    RecordedSpans recorded = new RecordedSpans();
    ended.writeTo(recorded);
    return recorded;
  }

  List<Written> all() {
    return spans;
  }

  Written named(String name) {
    return spans.stream().filter(one -> one.head().name().equals(name)).findAny().orElseThrow();
  }

  @Override
  public SpanWriter begin(SpanHead head) {
    check(!isOpen, "a span within a span");
    isOpen = true;
    attributes = new HashMap<>();
    spans.add(new Written(head, attributes, new HashMap<>()));
    return this;
  }

  private SpanWriter put(AttributeName name, Object value) {
    check(isOpen && attributes.put(name.text(), value) == null, "twice or late: " + name);
    return this;
  }

  private static void check(boolean isTrue, String otherwise) {
    if (!isTrue) {
      throw new IllegalStateException(otherwise);
    }
  }

  @Override
  public SpanWriter attribute(AttributeName name, String value) {
    return put(name, value);
  }

  @Override
  public SpanWriter attribute(AttributeName name, long value) {
    return put(name, value);
  }

  @Override
  public SpanWriter attribute(AttributeName name, double value) {
    return put(name, value);
  }

  @Override
  public SpanWriter attribute(AttributeName name, boolean value) {
    return put(name, value);
  }

  @Override
  public SpanWriter attribute(AttributeName name, List<String> values) {
    return put(name, List.copyOf(values));
  }

  @Override
  public SpanWriter attribute(AttributeName name, double[] values) {
    return put(name, Arrays.stream(values).boxed().toList());
  }

  @Override
  public SpanWriter event(String name, long nanos) {
    attributes = new HashMap<>();
    spans.getLast().events().put(name, attributes);
    return this;
  }

  @Override
  public SpanWriter failed(String reason) {
    spans.getLast().events().put("failed", reason);
    return this;
  }

  @Override
  public void end() {
    check(isOpen, "ended twice");
    isOpen = false;
  }
}
