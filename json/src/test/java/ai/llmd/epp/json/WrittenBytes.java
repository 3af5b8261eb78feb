package ai.llmd.epp.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps what is written, so that it can be looked at. */
final class WrittenBytes extends Utf8Output {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  WrittenBytes(int expectedBytes) {
    super(expectedBytes);
  }

  @Override
  protected void write(byte[] source, int offset, int length) {
    bytes.write(source, offset, length);
  }

  int length() {
    flush();
    return bytes.size();
  }

  String text() {
    flush();
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
