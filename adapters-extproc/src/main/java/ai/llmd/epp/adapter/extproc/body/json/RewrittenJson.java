package ai.llmd.epp.adapter.extproc.body.json;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;

/**
 * A JSON value of a body in another spelling. Written from the span each time; the length is
 * counted once, when first asked for.
 */
abstract sealed class RewrittenJson implements Utf8Text permits CanonicalJson, CompactJson {

  final byte[] body;
  final int start;
  final int end;
  private int byteLength = -1; // two threads would count the same

  /** The value between two places of a body; it must have been scanned and found valid. */
  RewrittenJson(byte[] body, int start, int end) {
    this.body = body;
    this.start = start;
    this.end = end;
  }

  /** Writes the value in the new spelling; the caller flushes. */
  abstract void writeTo(Utf8Output output);

  @Override
  public final int byteLength() {
    if (byteLength < 0) {
      ByteTally tally = new ByteTally();
      writeTo(tally);
      byteLength = tally.bytes();
    }
    return byteLength;
  }

  @Override
  public final void writeTo(ByteSink sink) {
    Utf8Output output = new Utf8Output(sink, end - start);
    writeTo(output);
    output.flush();
  }

  /** Says how long the value is in the body, never what it says. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[of " + (end - start) + " bytes]";
  }
}
