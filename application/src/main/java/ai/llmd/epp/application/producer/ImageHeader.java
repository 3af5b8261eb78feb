package ai.llmd.epp.application.producer;

/**
 * Reads width and height out of the first bytes of a PNG, GIF or JPEG file, byte by byte. Anything
 * else, and a file that hides its size behind half a megabyte, has no size.
 *
 * @see <a href="https://www.w3.org/TR/png-3/#11IHDR">PNG, IHDR</a>
 * @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF, logical screen descriptor</a>
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">JPEG, B.2.2 frame header</a>
 */
final class ImageHeader {

  private static final int MAX_BYTES = 512 << 10;

  private static final int PNG_BYTES = 24;
  private static final int GIF_BYTES = 10;
  private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int IHDR = 0x49484452;
  private static final int GIF_SIGNATURE = 0x47494638; // GIF8
  private static final int JPEG_START = 0xFFD8;

  private static final int SOF0 = 0xC0;
  private static final int SOF2 = 0xC2;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;

  /** Bytes of the piece that is being read: a whole PNG header, or one JPEG field. */
  private final int[] field = new int[PNG_BYTES];

  private int fieldBytes;
  private int totalBytes;
  private Kind kind = Kind.UNKNOWN;
  private int toSkip;
  private int width;
  private int height;

  private enum Kind {
    UNKNOWN,
    PNG,
    GIF,
    JPEG_MARKER,
    JPEG_LENGTH,
    JPEG_FRAME
  }

  /** 0 when not known. */
  int width() {
    return width;
  }

  /** 0 when not known. */
  int height() {
    return height;
  }

  /**
   * Takes the next byte of the file.
   *
   * @return whether more bytes may complete it
   */
  boolean take(int b) {
    totalBytes++;
    if (totalBytes > MAX_BYTES) {
      return false;
    }
    if (toSkip > 0) {
      toSkip--;
      return true;
    }
    field[fieldBytes++] = b;
    return switch (kind) {
      case UNKNOWN -> takeSignature();
      case PNG -> takePng();
      case GIF -> takeGif();
      case JPEG_MARKER -> takeMarker();
      case JPEG_LENGTH -> takeLength();
      case JPEG_FRAME -> takeFrame();
    };
  }

  private boolean takeSignature() {
    if (fieldBytes == 2 && bigEndian(0, 2) == JPEG_START) {
      return expect(Kind.JPEG_MARKER);
    }
    if (fieldBytes < 4) {
      return true;
    }
    if ((int) bigEndian(0, 4) == GIF_SIGNATURE) {
      kind = Kind.GIF;
      return true;
    }
    kind = Kind.PNG; // its signature is checked with its header
    return field[0] == 0x89;
  }

  private boolean takePng() {
    if (fieldBytes < PNG_BYTES) {
      return true;
    }
    boolean isPng =
        (bigEndian(0, 4) << 32 | bigEndian(4, 4)) == PNG_SIGNATURE
            && (int) bigEndian(12, 4) == IHDR;
    return isPng && end((int) bigEndian(16, 4), (int) bigEndian(20, 4));
  }

  private boolean takeGif() {
    return fieldBytes < GIF_BYTES || end(field[6] | field[7] << 8, field[8] | field[9] << 8);
  }

  private boolean takeMarker() {
    if (field[0] != 0xFF) { // be lenient about bytes between segments, as common decoders are
      return expect(Kind.JPEG_MARKER);
    }
    if (fieldBytes < 2) {
      return true;
    }
    int marker = field[1];
    if (marker == 0xFF) { // fill byte: the marker is yet to come
      fieldBytes = 1;
      return true;
    }
    if (marker == EOI || marker == SOS) {
      return false;
    }
    boolean isBare = marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD7);
    if (isBare) {
      return expect(Kind.JPEG_MARKER);
    }
    return expect(marker >= SOF0 && marker <= SOF2 ? Kind.JPEG_FRAME : Kind.JPEG_LENGTH);
  }

  private boolean takeLength() {
    if (fieldBytes < 2) {
      return true;
    }
    toSkip = (int) bigEndian(0, 2) - 2; // the length counts itself
    return toSkip >= 0 && expect(Kind.JPEG_MARKER);
  }

  /** Length, precision, height, width. */
  private boolean takeFrame() {
    return fieldBytes < 7 || end((int) bigEndian(5, 2), (int) bigEndian(3, 2));
  }

  private boolean expect(Kind next) {
    kind = next;
    fieldBytes = 0;
    return true;
  }

  private boolean end(int foundWidth, int foundHeight) {
    width = foundWidth;
    height = foundHeight;
    return false;
  }

  private long bigEndian(int from, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | field[from + i];
    }
    return value;
  }
}
