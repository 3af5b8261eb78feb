package ai.llmd.epp.sidecar.metrics;

import ai.llmd.epp.traces.SpanCounts;
import java.util.concurrent.atomic.LongAdder;

/** Counts spans by what became of them. Any thread. */
public final class TraceMeters implements SpanCounts {

  private static final String SPANS = "llm_d_sidecar_trace_spans_total";

  private final LongAdder exported = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  @Override
  public void exported(int spans) {
    exported.add(spans);
  }

  @Override
  public void failed(int spans) {
    failed.add(spans);
  }

  @Override
  public void dropped(int spans) {
    dropped.add(spans);
  }

  void writeTo(StringBuilder page) {
    SidecarMeters.head(page, SPANS, "counter", "Recorded spans, by what became of them.");
    line(page, "exported", exported);
    line(page, "failed", failed);
    line(page, "dropped", dropped);
  }

  private static void line(StringBuilder page, String outcome, LongAdder spans) {
    page.append(SPANS).append("{outcome=\"").append(outcome).append("\"} ");
    page.append(spans.sum()).append('\n');
  }
}
