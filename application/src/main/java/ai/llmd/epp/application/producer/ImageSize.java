package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.request.ByteSink;
import java.nio.charset.StandardCharsets;

/**
 * Finds out the size of an image from its data URL or base64 text while that streams by: decodes
 * until a header has given width and height, and ignores the rest.
 */
final class ImageSize implements ByteSink {

  private static final byte[] SCHEME = "data:image/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MARKER = "base64,".getBytes(StandardCharsets.US_ASCII);

  /** Where the reader is. */
  private enum Part {
    SCHEME,
    MEDIA_TYPE,
    PAYLOAD,
    DONE
  }

  private final ImageHeader header = new ImageHeader();
  private final boolean isBareBase64;
  private Part part = Part.SCHEME;
  private int matched;
  private int bits;
  private int bitCount;

  /**
   * @param isBareBase64 the content may be base64 text without a URL around it
   */
  ImageSize(boolean isBareBase64) {
    this.isBareBase64 = isBareBase64;
  }

  boolean isKnown() {
    return header.width() > 0 && header.height() > 0;
  }

  long pixels() {
    return (long) header.width() * header.height();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    for (int at = offset; at < offset + length && part != Part.DONE; at++) {
      take(bytes[at]);
    }
  }

  @Override
  public boolean isFull() {
    return part == Part.DONE;
  }

  private void take(byte b) {
    switch (part) {
      case SCHEME -> takeScheme(b);
      case MEDIA_TYPE -> takeMediaType(b);
      case PAYLOAD -> takePayload(b);
      case DONE -> {}
    }
  }

  private void takeScheme(byte b) {
    if (b == SCHEME[matched]) {
      matched++;
      if (matched == SCHEME.length) {
        part = Part.MEDIA_TYPE;
        matched = 0;
      }
    } else if (matched == 0 && isBareBase64) {
      part = Part.PAYLOAD; // no known image begins like a data URL in base64
      takePayload(b);
    } else {
      part = Part.DONE;
    }
  }

  private void takeMediaType(byte b) {
    // no beginning of the marker is also an end of it, so a mismatch starts over
    if (b != MARKER[matched]) {
      matched = 0;
    }
    if (b == MARKER[matched]) {
      matched++;
    }
    if (matched == MARKER.length) {
      part = Part.PAYLOAD;
    }
  }

  private void takePayload(byte b) {
    if (b == '\r' || b == '\n') {
      return;
    }
    int value = base64(b);
    if (value < 0) {
      part = Part.DONE; // padding, or no base64
      return;
    }
    bits = bits << 6 | value;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      if (!header.take(bits >>> bitCount & 0xFF)) {
        part = Part.DONE;
      }
    }
  }

  private static int base64(byte b) {
    if (b >= 'A' && b <= 'Z') {
      return b - 'A';
    }
    if (b >= 'a' && b <= 'z') {
      return b - 'a' + 26;
    }
    if (b >= '0' && b <= '9') {
      return b - '0' + 52;
    }
    return b == '+' ? 62 : b == '/' ? 63 : -1;
  }
}
