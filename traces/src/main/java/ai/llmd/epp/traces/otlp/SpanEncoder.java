package ai.llmd.epp.traces.otlp;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributeType;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Encodes spans as an {@code ExportTraceServiceRequest} (opentelemetry-proto 1.3, {@code
 * trace/v1/trace.proto}). The spans of a program share one resource. Links are not encoded: no
 * program here makes any. Not for several threads at once.
 */
final class SpanEncoder {

  private static final int USUAL_BYTES = 64 << 10;
  private static final int MAX_KEPT_BYTES = 1 << 20;
  private static final int MAX_SCOPES = 64;
  private static final int MAX_KEYS = 256;

  private static final int RESOURCE_SPANS = 1;
  private static final int RESOURCE = 1;
  private static final int RESOURCE_ATTRIBUTES = 1;
  private static final int SCOPE_SPANS = 2;
  private static final int SCOPE = 1;
  private static final int SCOPE_NAME = 1;
  private static final int SCOPE_VERSION = 2;
  private static final int SCOPE_ATTRIBUTES = 3;
  private static final int SPANS = 2;

  private static final int SPAN_TRACE_ID = 1;
  private static final int SPAN_ID = 2;
  private static final int SPAN_PARENT_ID = 4;
  private static final int SPAN_NAME = 5;
  private static final int SPAN_KIND = 6;
  private static final int SPAN_START = 7;
  private static final int SPAN_END = 8;
  private static final int SPAN_ATTRIBUTES = 9;
  private static final int SPAN_DROPPED_ATTRIBUTES = 10;
  private static final int SPAN_EVENTS = 11;
  private static final int SPAN_DROPPED_EVENTS = 12;
  private static final int SPAN_STATUS = 15;
  private static final int SPAN_FLAGS = 16;
  private static final int HAS_IS_REMOTE = 0x100;
  private static final int IS_REMOTE = 0x200;

  private static final int EVENT_TIME = 1;
  private static final int EVENT_NAME = 2;
  private static final int EVENT_ATTRIBUTES = 3;
  private static final int EVENT_DROPPED_ATTRIBUTES = 4;
  private static final int STATUS_MESSAGE = 2;
  private static final int STATUS_CODE = 3;
  private static final int STATUS_OK = 1;
  private static final int STATUS_ERROR = 2;

  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int STRING_VALUE = 1;
  private static final int BOOL_VALUE = 2;
  private static final int INT_VALUE = 3;
  private static final int DOUBLE_VALUE = 4;
  private static final int ARRAY_VALUE = 5;
  private static final int ARRAY_VALUES = 1;

  private final byte[] resource;
  private final String commit;
  private final IdentityHashMap<InstrumentationScopeInfo, byte[]> scopes = new IdentityHashMap<>();
  private final Map<AttributeKey<?>, byte[]> keys = new HashMap<>();
  private final BiConsumer<AttributeKey<?>, Object> attribute = this::attribute;
  private ProtoBytes out = new ProtoBytes(USUAL_BYTES);
  private int attributesField;

  /**
   * @param commit of the sources, an attribute of every scope, which a tracer has no way to declare
   */
  SpanEncoder(Resource resource, String commit) {
    this.commit = commit;
    ProtoBytes encoded = new ProtoBytes(1 << 10);
    out = encoded;
    int begun = encoded.begin(RESOURCE);
    attributes(RESOURCE_ATTRIBUTES, resource.getAttributes());
    encoded.end(begun);
    this.resource = encoded.copy();
    out = new ProtoBytes(USUAL_BYTES);
  }

  byte[] encode(Collection<SpanData> spans) {
    if (out.capacity() > MAX_KEPT_BYTES) {
      out = new ProtoBytes(USUAL_BYTES);
    }
    out.clear();
    int resourceSpans = out.begin(RESOURCE_SPANS);
    out.raw(resource);
    for (var ofScope : byScope(spans).entrySet()) {
      int scopeSpans = out.begin(SCOPE_SPANS);
      out.raw(scope(ofScope.getKey()));
      for (SpanData span : ofScope.getValue()) {
        span(span);
      }
      out.end(scopeSpans);
    }
    out.end(resourceSpans);
    return out.copy();
  }

  /** A tracer's scope is one and the same object. */
  private static IdentityHashMap<InstrumentationScopeInfo, List<SpanData>> byScope(
      Collection<SpanData> spans) {
    IdentityHashMap<InstrumentationScopeInfo, List<SpanData>> byScope = new IdentityHashMap<>();
    for (SpanData span : spans) {
      byScope
          .computeIfAbsent(span.getInstrumentationScopeInfo(), scope -> new ArrayList<>())
          .add(span);
    }
    return byScope;
  }

  private byte[] scope(InstrumentationScopeInfo scope) {
    byte[] known = scopes.get(scope);
    if (known != null) {
      return known;
    }
    ProtoBytes spans = out;
    out = new ProtoBytes(1 << 8);
    int begun = out.begin(SCOPE);
    out.text(SCOPE_NAME, scope.getName());
    if (scope.getVersion() != null) {
      out.text(SCOPE_VERSION, scope.getVersion());
    }
    attributes(SCOPE_ATTRIBUTES, scope.getAttributes());
    attributesField = SCOPE_ATTRIBUTES;
    attribute(AttributeKey.stringKey("commit-sha"), commit);
    out.end(begun);
    byte[] encoded = out.copy();
    out = spans;
    if (scopes.size() < MAX_SCOPES) {
      scopes.put(scope, encoded);
    }
    return encoded;
  }

  private void span(SpanData span) {
    int begun = out.begin(SPANS);
    out.hex(SPAN_TRACE_ID, span.getTraceId());
    out.hex(SPAN_ID, span.getSpanId());
    SpanContext parent = span.getParentSpanContext();
    if (parent.isValid()) {
      out.hex(SPAN_PARENT_ID, parent.getSpanId());
    }
    out.text(SPAN_NAME, span.getName());
    out.number(SPAN_KIND, kind(span.getKind()));
    out.fixed64(SPAN_START, span.getStartEpochNanos());
    out.fixed64(SPAN_END, span.getEndEpochNanos());
    attributes(SPAN_ATTRIBUTES, span.getAttributes());
    count(SPAN_DROPPED_ATTRIBUTES, span.getTotalAttributeCount() - span.getAttributes().size());
    for (EventData event : span.getEvents()) {
      event(event);
    }
    count(SPAN_DROPPED_EVENTS, span.getTotalRecordedEvents() - span.getEvents().size());
    status(span.getStatus().getStatusCode(), span.getStatus().getDescription());
    out.fixed32(
        SPAN_FLAGS,
        Byte.toUnsignedInt(span.getSpanContext().getTraceFlags().asByte())
            | HAS_IS_REMOTE
            | (parent.isRemote() ? IS_REMOTE : 0));
    out.end(begun);
  }

  private static int kind(SpanKind kind) {
    return switch (kind) {
      case INTERNAL -> 1;
      case SERVER -> 2;
      case CLIENT -> 3;
      case PRODUCER -> 4;
      case CONSUMER -> 5;
    };
  }

  private void event(EventData event) {
    int begun = out.begin(SPAN_EVENTS);
    out.fixed64(EVENT_TIME, event.getEpochNanos());
    out.text(EVENT_NAME, event.getName());
    attributes(EVENT_ATTRIBUTES, event.getAttributes());
    count(EVENT_DROPPED_ATTRIBUTES, event.getTotalAttributeCount() - event.getAttributes().size());
    out.end(begun);
  }

  /** None of a span whose status was never set. */
  private void status(StatusCode code, String message) {
    if (code == StatusCode.UNSET) {
      return;
    }
    int begun = out.begin(SPAN_STATUS);
    if (!message.isEmpty()) {
      out.text(STATUS_MESSAGE, message);
    }
    out.number(STATUS_CODE, code == StatusCode.OK ? STATUS_OK : STATUS_ERROR);
    out.end(begun);
  }

  private void count(int field, int count) {
    if (count > 0) {
      out.number(field, count);
    }
  }

  private void attributes(int field, Attributes attributes) {
    attributesField = field;
    attributes.forEach(attribute);
  }

  private void attribute(AttributeKey<?> key, Object value) {
    int begun = out.begin(attributesField);
    byte[] known = keys.get(key);
    if (known == null) {
      out.text(KEY, key.getKey());
      remember(key);
    } else {
      out.raw(known);
    }
    value(VALUE, key.getType(), value);
    out.end(begun);
  }

  /** Most names are a program's own, and there are few. */
  private void remember(AttributeKey<?> key) {
    if (keys.size() < MAX_KEYS) {
      ProtoBytes encoded = new ProtoBytes(1 << 6);
      encoded.text(KEY, key.getKey());
      keys.put(key, encoded.copy());
    }
  }

  private void value(int field, AttributeType type, Object value) {
    int begun = out.begin(field);
    switch (type) {
      case STRING -> out.text(STRING_VALUE, (String) value);
      case BOOLEAN -> out.bool(BOOL_VALUE, (Boolean) value);
      case LONG -> out.number(INT_VALUE, (Long) value);
      case DOUBLE -> out.fixed64(DOUBLE_VALUE, Double.doubleToRawLongBits((Double) value));
      case STRING_ARRAY -> array((List<?>) value, AttributeType.STRING);
      case BOOLEAN_ARRAY -> array((List<?>) value, AttributeType.BOOLEAN);
      case LONG_ARRAY -> array((List<?>) value, AttributeType.LONG);
      case DOUBLE_ARRAY -> array((List<?>) value, AttributeType.DOUBLE);
      default -> out.text(STRING_VALUE, String.valueOf(value));
    }
    out.end(begun);
  }

  private void array(List<?> values, AttributeType type) {
    int begun = out.begin(ARRAY_VALUE);
    for (Object value : values) {
      value(ARRAY_VALUES, type, value);
    }
    out.end(begun);
  }
}
