package ai.llmd.epp.traces;

import ai.llmd.epp.traces.span.SpanExporter;
import ai.llmd.epp.traces.span.SpanWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it exports, as the console would show it. */
class FakeExporter implements SpanExporter {

  final List<String> batches = new CopyOnWriteArrayList<>();
  private final ConsoleWriter writer = new ConsoleWriter(Map.of());

  @Override
  public SpanWriter begin() {
    writer.clear();
    return writer;
  }

  @Override
  public void export() throws IOException, InterruptedException {
    batches.add(writer.text());
  }

  @Override
  public void close() {}
}
