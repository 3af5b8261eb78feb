package ai.llmd.epp.traces.otlp;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.SpanWriter;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes spans as an {@code ExportTraceServiceRequest} (opentelemetry-proto 1.3, {@code
 * trace/v1/trace.proto}). A request groups spans by scope, so each scope has a buffer of its own,
 * and they are put one behind the other in the end. All spans of a program share one resource. Not
 * for several threads at once.
 */
final class OtlpWriter implements SpanWriter {

  private static final int USUAL_BYTES = 16 << 10;
  private static final int MAX_KEPT_BYTES = 1 << 20;

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
  private static final int SPAN_EVENTS = 11;
  private static final int SPAN_STATUS = 15;
  private static final int SPAN_FLAGS = 16;
  private static final int IS_SAMPLED = 1;
  private static final int HAS_IS_REMOTE = 0x100;
  private static final int IS_REMOTE = 0x200;

  /**
   * The fields of a span whose length is always the same. They are copied at once and filled in:
   * less code than what writes one after the other, and all of it has to be compiled first.
   */
  private static final byte[] SPAN_HEAD = spanHead();

  private static final int AT_TRACE_ID = 2; // behind the tag and the length
  private static final int AT_SPAN_ID = AT_TRACE_ID + 2 * Long.BYTES + 2;
  private static final int AT_KIND = AT_SPAN_ID + Long.BYTES + 1;
  private static final int AT_START = AT_KIND + 2;
  private static final int AT_END = AT_START + Long.BYTES + 1;
  private static final int AT_FLAGS = AT_END + Long.BYTES + 2;

  private static final int EVENT_TIME = 1;
  private static final int EVENT_NAME = 2;
  private static final int EVENT_ATTRIBUTES = 3;
  private static final int STATUS_MESSAGE = 2;
  private static final int STATUS_CODE = 3;
  private static final int STATUS_ERROR = 2;

  private static final int BOOL_VALUE = 2;
  private static final int INT_VALUE = 3;
  private static final int DOUBLE_VALUE = 4;
  private static final int ARRAY_VALUE = 5;
  private static final int ARRAY_VALUES = 1;

  private static final int DOUBLE_BYTES = 1 + Double.BYTES;
  private static final int NO_EVENT = -1;

  private final byte[] resource;
  private final String commit;
  private final EncodedTexts texts = new EncodedTexts();
  private final IdentityHashMap<SpanScope, OfScope> scopes = new IdentityHashMap<>();
  private @Nullable OfScope last; // most spans are of the scope of the one before
  private ProtoBytes out = new ProtoBytes(1 << 10); // of the scope that is written to
  private int span;
  private int event = NO_EVENT;
  private int attributesField;

  /**
   * @param resource attributes of the program
   * @param commit of the sources, an attribute of every scope
   */
  OtlpWriter(Map<String, String> resource, String commit) {
    this.commit = commit;
    this.attributesField = RESOURCE_ATTRIBUTES;
    int begun = out.begin(RESOURCE);
    resource.forEach((name, value) -> attribute(AttributeName.of(name), value));
    out.end(begun);
    this.resource = out.toArray();
  }

  /** The spans of one scope, encoded, and what stands before them. */
  private static final class OfScope {

    private final SpanScope scope;
    private final byte[] head;
    private ProtoBytes spans = new ProtoBytes(USUAL_BYTES);

    OfScope(SpanScope scope, byte[] head) {
      this.scope = scope;
      this.head = head;
    }

    /** A batch of long texts does not take its memory forever. */
    void clear() {
      if (spans.capacity() > MAX_KEPT_BYTES) {
        spans = new ProtoBytes(USUAL_BYTES);
      }
      spans.clear();
    }

    boolean isEmpty() {
      return spans.size() == 0;
    }

    int bytes() {
      return head.length + spans.size();
    }
  }

  private static byte[] spanHead() {
    ProtoBytes head = new ProtoBytes(USUAL_BYTES);
    head.bytes(SPAN_TRACE_ID, new byte[2 * Long.BYTES]);
    head.bytes(SPAN_ID, new byte[Long.BYTES]);
    head.number(SPAN_KIND, 0);
    head.fixed64(SPAN_START, 0);
    head.fixed64(SPAN_END, 0);
    head.fixed32(SPAN_FLAGS, IS_SAMPLED | HAS_IS_REMOTE);
    return head.toArray();
  }

  /** Forgets what was written. */
  void clear() {
    scopes.values().forEach(OfScope::clear);
    event = NO_EVENT;
  }

  /** What was written since it was cleared. */
  byte[] request() {
    int length = resource.length;
    for (OfScope scope : scopes.values()) {
      length += scope.isEmpty() ? 0 : ProtoBytes.fieldBytes(scope.bytes());
    }
    ProtoBytes request = new ProtoBytes(ProtoBytes.fieldBytes(length));
    request.begin(RESOURCE_SPANS, length);
    request.raw(resource);
    for (OfScope scope : scopes.values()) {
      if (!scope.isEmpty()) {
        request.begin(SCOPE_SPANS, scope.bytes());
        request.raw(scope.head);
        request.raw(scope.spans);
      }
    }
    return request.toArray();
  }

  @SuppressWarnings("ReferenceEquality") // a program has each scope once
  private OfScope ofScope(SpanScope scope) {
    OfScope known = last;
    if (known == null || known.scope != scope) {
      known = scopes.computeIfAbsent(scope, this::begun);
      last = known;
    }
    return known;
  }

  private OfScope begun(SpanScope scope) {
    out = new ProtoBytes(1 << 8);
    int begun = out.begin(SCOPE);
    out.text(SCOPE_NAME, scope.name());
    out.text(SCOPE_VERSION, scope.version());
    attributesField = SCOPE_ATTRIBUTES;
    attribute(AttributeName.of("commit-sha"), commit);
    out.end(begun);
    return new OfScope(scope, out.toArray());
  }

  @Override
  public SpanWriter begin(SpanHead head) {
    out = ofScope(head.scope()).spans;
    attributesField = SPAN_ATTRIBUTES;
    span = out.begin(SPANS);
    int at = out.raw(SPAN_HEAD);
    out.setBigEndian(at + AT_TRACE_ID, head.trace().high());
    out.setBigEndian(at + AT_TRACE_ID + Long.BYTES, head.trace().low());
    out.setBigEndian(at + AT_SPAN_ID, head.id());
    out.set(at + AT_KIND, kind(head.kind()));
    out.setLittleEndian(at + AT_START, head.startNanos());
    out.setLittleEndian(at + AT_END, head.endNanos());
    if (head.isParentRemote()) {
      out.set(at + AT_FLAGS + 1, (HAS_IS_REMOTE | IS_REMOTE) >>> Byte.SIZE);
    }
    if (head.parentId() != 0) {
      out.bytes(SPAN_PARENT_ID, head.parentId());
    }
    out.text(SPAN_NAME, head.name());
    return this;
  }

  private static int kind(SpanKind kind) {
    return switch (kind) {
      case INTERNAL -> 1;
      case SERVER -> 2;
    };
  }

  @Override
  public SpanWriter event(String name, long nanos) {
    endEvent();
    event = out.begin(SPAN_EVENTS);
    attributesField = EVENT_ATTRIBUTES;
    out.fixed64(EVENT_TIME, nanos);
    out.text(EVENT_NAME, name);
    return this;
  }

  private void endEvent() {
    if (event != NO_EVENT) {
      out.end(event);
      event = NO_EVENT;
    }
  }

  @Override
  public SpanWriter failed(String reason) {
    endEvent();
    int begun = out.begin(SPAN_STATUS);
    if (!reason.isEmpty()) {
      out.text(STATUS_MESSAGE, SpanWriter.cut(reason));
    }
    out.number(STATUS_CODE, STATUS_ERROR);
    out.end(begun);
    return this;
  }

  @Override
  public void end() {
    endEvent();
    out.end(span);
  }

  @Override
  public SpanWriter attribute(AttributeName name, String value) {
    byte[] encoded = texts.of(name, SpanWriter.cut(value));
    out.begin(attributesField, encoded.length);
    out.raw(encoded);
    return this;
  }

  /** Begins an attribute whose value is known to take so many bytes; it ends with them. */
  private void beginValue(AttributeName name, int bytes) {
    out.begin(attributesField, KeyValues.bytes(name, bytes));
    KeyValues.begin(out, name, bytes);
  }

  @Override
  public SpanWriter attribute(AttributeName name, long value) {
    beginValue(name, 1 + ProtoBytes.varintBytes(value));
    out.number(INT_VALUE, value);
    return this;
  }

  @Override
  public SpanWriter attribute(AttributeName name, double value) {
    beginValue(name, DOUBLE_BYTES);
    out.fixed64(DOUBLE_VALUE, Double.doubleToRawLongBits(value));
    return this;
  }

  @Override
  public SpanWriter attribute(AttributeName name, boolean value) {
    beginValue(name, 2);
    out.bool(BOOL_VALUE, value);
    return this;
  }

  @Override
  public SpanWriter attribute(AttributeName name, List<String> values) {
    byte[][] texts = new byte[values.size()][];
    int bytes = 0;
    for (int i = 0; i < texts.length; i++) {
      texts[i] = SpanWriter.cut(values.get(i)).getBytes(UTF_8);
      bytes += ProtoBytes.fieldBytes(ProtoBytes.fieldBytes(texts[i].length));
    }
    beginArray(name, bytes);
    for (byte[] text : texts) {
      out.begin(ARRAY_VALUES, ProtoBytes.fieldBytes(text.length));
      out.bytes(KeyValues.STRING_VALUE, text);
    }
    return this;
  }

  private void beginArray(AttributeName name, int bytes) {
    beginValue(name, ProtoBytes.fieldBytes(bytes));
    out.begin(ARRAY_VALUE, bytes);
  }

  @Override
  public SpanWriter attribute(AttributeName name, double[] values) {
    beginArray(name, values.length * ProtoBytes.fieldBytes(DOUBLE_BYTES));
    for (double value : values) {
      out.begin(ARRAY_VALUES, DOUBLE_BYTES);
      out.fixed64(DOUBLE_VALUE, Double.doubleToRawLongBits(value));
    }
    return this;
  }
}
