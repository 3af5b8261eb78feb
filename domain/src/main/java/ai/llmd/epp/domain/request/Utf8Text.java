package ai.llmd.epp.domain.request;

import java.nio.charset.StandardCharsets;

/**
 * A text as UTF-8, usually a JSON string inside a request body that is not copied.
 *
 * <p>Not logged and not kept: a text is a part of a client's prompt. {@code toString} of an
 * implementation never shows it.
 */
public interface Utf8Text {

  /** Length of the decoded text in bytes. Known without decoding it. */
  int byteLength();

  /** Writes the decoded text, in one piece or many. */
  void writeTo(ByteSink sink);

  /** A text that is already decoded. The array is not copied. */
  static Utf8Text of(byte[] utf8) {
    return new Utf8Text() {
      @Override
      public int byteLength() {
        return utf8.length;
      }

      @Override
      public void writeTo(ByteSink sink) {
        sink.write(utf8, 0, utf8.length);
      }

      @Override
      public String toString() {
        return "Utf8Text[" + utf8.length + " bytes]";
      }
    };
  }

  static Utf8Text of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }
}
