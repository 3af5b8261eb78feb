package ai.llmd.epp.traces.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
  private static final int MAX_TAG = 5;
  private static final int MAX_VARINT = 10;
  private static final int GROUP_BITS = 7;
  private static final int MORE = 0x80;
  private static final VarHandle LITTLE_ENDIAN = view(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle BIG_ENDIAN = view(ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int size;

  private static VarHandle view(ByteOrder order) {
    return MethodHandles.byteArrayViewVarHandle(long[].class, order);
  }

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

  /** What was written; no copy when it fills the capacity, so that no more is written then. */
  byte[] toArray() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }

  /** Begins a message; returns what {@link #end} needs. */
  int begin(int field) {
    room(MAX_TAG + 1);
    tag(field, DELIMITED);
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

  /** Begins a message of a length that is known, and does not end it. */
  void begin(int field, int length) {
    room(MAX_TAG + MAX_VARINT);
    tag(field, DELIMITED);
    varint(length);
  }

  /** Appends fields that are encoded already; returns where they begin. */
  int raw(byte[] encoded) {
    return raw(encoded, encoded.length);
  }

  /** Appends fields that are encoded already. */
  void raw(ProtoBytes encoded) {
    raw(encoded.bytes, encoded.size);
  }

  private int raw(byte[] encoded, int count) {
    room(count);
    int begun = size;
    System.arraycopy(encoded, 0, bytes, begun, count);
    size += count;
    return begun;
  }

  /** Replaces eight bytes that were written, the highest one first. */
  void setBigEndian(int at, long value) {
    BIG_ENDIAN.set(bytes, at, value);
  }

  /** Replaces eight bytes that were written, the lowest one first: a {@code fixed64}. */
  void setLittleEndian(int at, long value) {
    LITTLE_ENDIAN.set(bytes, at, value);
  }

  /** Replaces a byte that was written. */
  void set(int at, int value) {
    bytes[at] = (byte) value;
  }

  void number(int field, long value) {
    room(MAX_TAG + MAX_VARINT);
    tag(field, VARINT);
    varint(value);
  }

  void bool(int field, boolean value) {
    number(field, value ? 1 : 0);
  }

  void fixed64(int field, long value) {
    room(MAX_TAG + Long.BYTES);
    tag(field, FIXED_64);
    LITTLE_ENDIAN.set(bytes, size, value);
    size += Long.BYTES;
  }

  void fixed32(int field, int value) {
    room(MAX_TAG + Integer.BYTES);
    tag(field, FIXED_32);
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[size++] = (byte) (value >>> (i * Byte.SIZE));
    }
  }

  /** A field of eight bytes, the highest one first. */
  void bytes(int field, long value) {
    room(MAX_TAG + 1 + Long.BYTES);
    tag(field, DELIMITED);
    bytes[size++] = Long.BYTES;
    BIG_ENDIAN.set(bytes, size, value);
    size += Long.BYTES;
  }

  /** A field of bytes. */
  void bytes(int field, byte[] value) {
    int length = value.length;
    room(MAX_TAG + MAX_VARINT + length);
    tag(field, DELIMITED);
    varint(length);
    System.arraycopy(value, 0, bytes, size, length);
    size += length;
  }

  void text(int field, String value) {
    bytes(field, value.getBytes(StandardCharsets.UTF_8)); // copied at once where all is ASCII
  }

  /** There has to be room for it, and for what follows: asked for once for each field. */
  private void tag(int field, int type) {
    varint(field << TYPE_BITS | type);
  }

  private void varint(int value) {
    if ((value & -MORE) == 0) { // most lengths
      bytes[size++] = (byte) value;
    } else {
      varint((long) value);
    }
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & -MORE) != 0) {
      bytes[size++] = (byte) (rest | MORE);
      rest >>>= GROUP_BITS;
    }
    bytes[size++] = (byte) rest;
  }

  /** Bytes that a message or a text takes in a field below 16. */
  static int fieldBytes(int length) {
    return 1 + varintBytes(length) + length;
  }

  static int varintBytes(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + GROUP_BITS - 1) / GROUP_BITS;
  }

  private void room(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
    }
  }
}
