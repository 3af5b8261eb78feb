package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.json.Utf8Output;

/** Hands text on to a reader of the domain. */
final class SinkOutput extends Utf8Output {

  private final ByteSink sink;

  SinkOutput(ByteSink sink, int expectedBytes) {
    super(expectedBytes);
    this.sink = sink;
  }

  @Override
  protected void write(byte[] source, int offset, int length) {
    sink.write(source, offset, length);
  }

  @Override
  protected boolean isFull() {
    return sink.isFull();
  }
}
