package ai.llmd.epp.json;

/**
 * Takes text as UTF-8 and gathers small writes, so that {@link #write} is called seldom and with
 * more at once. Whoever writes flushes at the end.
 */
public abstract class Utf8Output {

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private final byte[] gathered;
  private int used;

  /**
   * @param expectedBytes about how much will be written; bounds the room that is taken for it
   */
  protected Utf8Output(int expectedBytes) {
    this.gathered = new byte[Math.clamp(expectedBytes, 16, 2048)];
  }

  /** Takes bytes in order. The array belongs to the caller and may change after the call. */
  protected abstract void write(byte[] source, int offset, int length);

  /** Whether further bytes would be ignored; who has much to write may look, and stop. */
  protected boolean isFull() {
    return false;
  }

  final void bytes(byte[] source, int from, int to) {
    int length = to - from;
    if (length > gathered.length - used) {
      flush();
      if (length > gathered.length / 2) { // copying would not save a call
        write(source, from, length);
        return;
      }
    }
    System.arraycopy(source, from, gathered, used, length);
    used += length;
  }

  final void ascii(int character) {
    if (used == gathered.length) {
      flush();
    }
    gathered[used++] = (byte) character;
  }

  final void ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      ascii(text.charAt(i));
    }
  }

  final void codePoint(int codePoint) {
    if (codePoint < 0x80) {
      ascii(codePoint);
      return;
    }
    if (codePoint < 0x800) {
      ascii(0xC0 | (codePoint >> 6));
    } else {
      if (codePoint < 0x10000) {
        ascii(0xE0 | (codePoint >> 12));
      } else {
        ascii(0xF0 | (codePoint >> 18));
        ascii(0x80 | ((codePoint >> 12) & 0x3F));
      }
      ascii(0x80 | ((codePoint >> 6) & 0x3F));
    }
    ascii(0x80 | (codePoint & 0x3F));
  }

  /** The six bytes of the escape of the form {@code \}{@code uXXXX}. */
  final void unicodeEscape(int codeUnit) {
    ascii('\\');
    ascii('u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      ascii(HEX[(codeUnit >> shift) & 0xF]);
    }
  }

  /** Hands over what is still gathered. */
  public final void flush() {
    if (used > 0) {
      write(gathered, 0, used);
      used = 0;
    }
  }
}
