package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;

/** Texts made of other texts. */
public final class Texts {

  private Texts() {}

  /** A body's bytes as they stand between two places. */
  public static Utf8Text span(byte[] body, int start, int end) {
    return new Span(body, start, end);
  }

  /** One text after the other. */
  public static Utf8Text joined(Utf8Text... parts) {
    return new Joined(parts);
  }

  @SuppressWarnings("ArrayRecordComponent") // a place in the body, never compared as a value
  private record Span(byte[] body, int start, int end) implements Utf8Text {

    @Override
    public int byteLength() {
      return end - start;
    }

    @Override
    public void writeTo(ByteSink sink) {
      sink.write(body, start, end - start);
    }

    @Override
    public String toString() {
      return "Span[" + byteLength() + " bytes]";
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared as a value
  private record Joined(Utf8Text[] parts) implements Utf8Text {

    @Override
    public int byteLength() {
      int length = 0;
      for (Utf8Text part : parts) {
        length += part.byteLength();
      }
      return length;
    }

    @Override
    public void writeTo(ByteSink sink) {
      for (Utf8Text part : parts) {
        part.writeTo(sink);
      }
    }

    @Override
    public String toString() {
      return "Joined[" + byteLength() + " bytes]";
    }
  }
}
