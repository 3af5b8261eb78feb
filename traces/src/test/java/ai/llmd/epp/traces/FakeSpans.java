package ai.llmd.epp.traces;

import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.SpanWriter;
import ai.llmd.epp.traces.span.TraceId;
import java.util.List;

/** Spans of these names, of one trace. */
record FakeSpans(List<String> names) implements EndedSpans {

  static final SpanScope SCOPE = new SpanScope("test", "1");
  private static final TraceId TRACE = new TraceId(1, 2);

  FakeSpans(String... names) {
    this(List.of(names));
  }

  @Override
  public int count() {
    return names.size();
  }

  @Override
  public void writeTo(SpanWriter writer) {
    for (String name : names) {
      writer.begin(new SpanHead(SCOPE, name, SpanKind.INTERNAL, TRACE, 3, 0, false, 4, 5)).end();
    }
  }
}
