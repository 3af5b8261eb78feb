package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Encodes a protobuf message from its end to its beginning. A message inside a message starts with
 * its length, and written backwards that length is known when its turn comes: one pass, one array.
 *
 * <p>Fields of a message may come in any order on the wire, elements of a repeated field may not:
 * those are added last one first. One thread.
 */
public final class MessageBytes {

  private static final int MAX_VARINT_BYTES = 5;

  private final int lengthBehind;
  private byte[] bytes;
  private int start;

  /**
   * @param expected bytes that the message will probably need
   */
  public MessageBytes(int expected) {
    this(expected, 0);
  }

  /**
   * A message whose last bytes are sent from elsewhere, so that they need not be copied. {@code
   * enclose(field, 0)} makes them the value of a field.
   */
  public MessageBytes(int expected, int lengthBehind) {
    this.lengthBehind = lengthBehind;
    this.bytes = new byte[expected];
    this.start = expected;
  }

  /** Bytes so far, those from elsewhere included; a mark for {@link #enclose}. */
  public int written() {
    return bytes.length - start + lengthBehind;
  }

  /** Turns what was added since the mark into a message that is the value of this field. */
  public MessageBytes enclose(int field, int mark) {
    int length = written() - mark;
    reserve(2 * MAX_VARINT_BYTES);
    varint(length);
    varint(tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED));
    return this;
  }

  public MessageBytes text(int field, String value) {
    return isLatin(value)
        ? latin(field, value)
        : bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isLatin(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("deprecation") // exact for ASCII, and the only way without an array in between
  private MessageBytes latin(int field, String value) {
    int mark = written();
    int length = value.length();
    reserve(length);
    start -= length;
    value.getBytes(0, length, bytes, start);
    return enclose(field, mark);
  }

  /** A field of these bytes, or of the message that they encode. */
  public MessageBytes bytes(int field, byte[] value) {
    return bytes(field, value, 0, value.length);
  }

  MessageBytes bytes(int field, byte[] from, int offset, int length) {
    int mark = written();
    reserve(length);
    start -= length;
    System.arraycopy(from, offset, bytes, start, length);
    return enclose(field, mark);
  }

  public MessageBytes isTrue(int field) {
    reserve(MAX_VARINT_BYTES + 1);
    bytes[--start] = 1;
    varint(tag(field, WireFormat.WIRETYPE_VARINT));
    return this;
  }

  MessageBytes number(int field, double value) {
    reserve(MAX_VARINT_BYTES + Long.BYTES);
    long bits = Double.doubleToRawLongBits(value);
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      bytes[--start] = (byte) (bits >>> (8 * i)); // little-endian
    }
    varint(tag(field, WireFormat.WIRETYPE_FIXED64));
    return this;
  }

  private static int tag(int field, int wireType) {
    return (field << 3) | wireType;
  }

  private void varint(int value) {
    int size = size(value);
    start -= size;
    int at = start;
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      bytes[at++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    bytes[at] = (byte) rest;
  }

  private static int size(int value) {
    return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
  }

  private void reserve(int more) {
    if (start < more) {
      int used = bytes.length - start;
      byte[] larger = new byte[Math.max(2 * bytes.length, used + more)];
      System.arraycopy(bytes, start, larger, larger.length - used, used);
      start = larger.length - used;
      bytes = larger;
    }
  }

  /** A copy of the message; nothing of it may come from elsewhere. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(bytes, start, bytes.length);
  }

  /** The array that holds the message, from {@link #start()} to its end. */
  byte[] array() {
    return bytes;
  }

  int start() {
    return start;
  }
}
