package ai.llmd.epp.traces;

import ai.llmd.epp.traces.span.SpanExporter;
import ai.llmd.epp.traces.span.SpanWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;

/** Prints spans as indented JSON objects with the reference's field names, one behind another. */
final class ConsoleExporter implements SpanExporter {

  private final PrintStream out;
  private final ConsoleWriter writer;

  /**
   * @param resource attributes of the program
   */
  ConsoleExporter(PrintStream out, Map<String, String> resource) {
    this.out = out;
    this.writer = new ConsoleWriter(resource);
  }

  @Override
  public SpanWriter begin() {
    writer.clear();
    return writer;
  }

  @Override
  public void export() throws IOException {
    out.print(writer.text());
    out.flush();
    if (out.checkError()) {
      throw new IOException("standard output is closed");
    }
  }

  /** Leaves the stream open, which others use, too. */
  @Override
  public void close() {}
}
