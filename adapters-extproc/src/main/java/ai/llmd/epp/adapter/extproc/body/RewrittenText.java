package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.Utf8Output;

/**
 * A JSON value of a body in another spelling. Written from the span each time; the length is
 * counted once, when first asked for.
 */
abstract sealed class RewrittenText implements Utf8Text permits CanonicalText, CompactText {

  final byte[] body;
  final int start;
  final int end;
  private int byteLength = -1; // two threads would count the same

  /** The value between two places of a body; it must have been scanned and found valid. */
  RewrittenText(byte[] body, int start, int end) {
    this.body = body;
    this.start = start;
    this.end = end;
  }

  /** Writes the value in the new spelling; the caller flushes. */
  abstract void writeTo(Utf8Output output);

  @Override
  public final int byteLength() {
    if (byteLength < 0) {
      ByteTally tally = new ByteTally(end - start);
      writeTo(tally);
      tally.flush();
      byteLength = tally.bytes();
    }
    return byteLength;
  }

  @Override
  public final void writeTo(ByteSink sink) {
    SinkOutput output = new SinkOutput(sink, end - start);
    writeTo(output);
    output.flush();
  }

  /** Shows how long the value is in the body, never its content. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[of " + (end - start) + " bytes]";
  }
}
