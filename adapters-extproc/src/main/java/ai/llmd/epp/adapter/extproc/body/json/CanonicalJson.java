package ai.llmd.epp.adapter.extproc.body.json;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;

/**
 * A JSON value of a body as Go's {@code encoding/json} writes it after reading it into a generic
 * value, so that equal values become equal texts: no white space, keys sorted bytewise, of a
 * repeated key the last, numbers as shortest doubles, strings with {@code <}, {@code >}, {@code &},
 * U+2028 and U+2029 escaped.
 *
 * <p>Written from the span each time, without a tree; the length is counted once, when first asked
 * for. Objects more than {@value CanonicalWriter#MAX_SORTED_DEPTH} levels down and objects of more
 * than {@value CanonicalWriter#MAX_SORTED_MEMBERS} members are written as they stand: sorting reads
 * a value once for every object around it, and this bounds what a hostile body can cost.
 */
public final class CanonicalJson implements Utf8Text {

  private final byte[] body;
  private final int start;
  private final int end;
  private int byteLength = -1; // counted when asked for; two threads would count the same

  /** The value between two places of a body; it must have been scanned and found valid. */
  public CanonicalJson(byte[] body, int start, int end) {
    this.body = body;
    this.start = start;
    this.end = end;
  }

  @Override
  public int byteLength() {
    if (byteLength < 0) {
      ByteTally tally = new ByteTally();
      writeTo(tally);
      byteLength = tally.bytes();
    }
    return byteLength;
  }

  @Override
  public void writeTo(ByteSink sink) {
    Utf8Output output = new Utf8Output(sink, end - start);
    new CanonicalWriter(body, start, end, output).write();
    output.flush();
  }

  /** Says how long the value is in the body, never what it says. */
  @Override
  public String toString() {
    return "CanonicalJson[of " + (end - start) + " bytes]";
  }
}
