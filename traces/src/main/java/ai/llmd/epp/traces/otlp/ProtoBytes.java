package ai.llmd.epp.traces.otlp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes fields of Protocol Buffers one behind the other. A message within another one is begun and
 * ended; its length is put before it then. Grows as needed. Not for several threads at once.
 */
final class ProtoBytes {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int DELIMITED = 2;
  private static final int FIXED_32 = 5;
  private static final int TYPE_BITS = 3;
  private static final int MAX_VARINT = 10;
  private static final int GROUP_BITS = 7;
  private static final int MORE = 0x80;

  private byte[] bytes;
  private int size;

  /**
   * @param capacity bytes that it has room for at first
   */
  ProtoBytes(int capacity) {
    this.bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  int capacity() {
    return bytes.length;
  }

  void clear() {
    size = 0;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  /** Begins a message; returns what {@link #end} needs. */
  int begin(int field) {
    tag(field, DELIMITED);
    room(1);
    return size++; // most messages are shorter than 128 bytes
  }

  /** Ends the message that was begun last. */
  void end(int begun) {
    int length = size - begun - 1;
    int further = varintBytes(length) - 1;
    if (further > 0) {
      room(further);
      System.arraycopy(bytes, begun + 1, bytes, begun + 1 + further, length);
    }
    size = begun;
    varint(length);
    size += length;
  }

  /** Appends a field that is encoded already. */
  void raw(byte[] encoded) {
    room(encoded.length);
    System.arraycopy(encoded, 0, bytes, size, encoded.length);
    size += encoded.length;
  }

  void number(int field, long value) {
    tag(field, VARINT);
    varint(value);
  }

  void bool(int field, boolean value) {
    number(field, value ? 1 : 0);
  }

  void fixed64(int field, long value) {
    tag(field, FIXED_64);
    littleEndian(value, Long.BYTES);
  }

  void fixed32(int field, int value) {
    tag(field, FIXED_32);
    littleEndian(value, Integer.BYTES);
  }

  private void littleEndian(long value, int count) {
    room(count);
    for (int i = 0; i < count; i++) {
      bytes[size++] = (byte) (value >>> (i * Byte.SIZE));
    }
  }

  /** A field of bytes, given as hexadecimal digits. */
  void hex(int field, String digits) {
    int count = digits.length() / 2;
    tag(field, DELIMITED);
    varint(count);
    room(count);
    for (int i = 0; i < count; i++) {
      bytes[size++] = (byte) (nibble(digits.charAt(2 * i)) << 4 | nibble(digits.charAt(2 * i + 1)));
    }
  }

  /** Of a digit that is one: letters have their numbers in the same bits, from 1 on. */
  private static int nibble(char digit) {
    return (digit & 0xf) + (digit >>> 6) * 9;
  }

  void text(int field, String value) {
    tag(field, DELIMITED);
    int before = size;
    if (!ascii(value)) {
      size = before;
      byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
      varint(encoded.length);
      raw(encoded);
    }
  }

  /** Writes it with its length, in one pass; false when it has other characters, too. */
  private boolean ascii(String value) {
    int length = value.length();
    varint(length);
    room(length);
    byte[] to = bytes;
    int at = size;
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= MORE) {
        return false;
      }
      to[at + i] = (byte) c;
    }
    size = at + length;
    return true;
  }

  private void tag(int field, int type) {
    varint((long) field << TYPE_BITS | type);
  }

  private void varint(long value) {
    room(MAX_VARINT);
    if (value >>> GROUP_BITS == 0) {
      bytes[size++] = (byte) value; // as most are
      return;
    }
    long rest = value;
    while ((rest & -MORE) != 0) {
      bytes[size++] = (byte) (rest | MORE);
      rest >>>= GROUP_BITS;
    }
    bytes[size++] = (byte) rest;
  }

  private static int varintBytes(int value) {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / GROUP_BITS);
  }

  private void room(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
    }
  }
}
