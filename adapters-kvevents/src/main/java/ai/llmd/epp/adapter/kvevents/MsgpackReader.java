package ai.llmd.epp.adapter.kvevents;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/*
 * Reads values in place. A range is checked once, by check(): every later read of a value that lies in it stays in it,
 * whatever the bytes are. Reads of another type than the one at hand answer false and stay where they are.
 */
/** A cursor over msgpack bytes. One thread at a time. */
final class MsgpackReader {

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int NIL = 0xc0;

  private byte[] bytes = {};
  private int at;
  private int length; // of the array, map, text or bytes that was read last
  private long number; // that was read last

  /** Starts at a byte. */
  void reset(byte[] source, int from) {
    bytes = source;
    at = from;
  }

  int position() {
    return at;
  }

  void position(int to) {
    at = to;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Elements, pairs or bytes of what was read last. */
  int length() {
    return length;
  }

  /** The number that was read last; of an unsigned one the bits. */
  long number() {
    return number;
  }

  /** Whether a whole value, with all that it contains, lies between the cursor and the end. */
  boolean isWhole(int end) {
    long todo = 1;
    int i = at;
    while (todo > 0) {
      if (i >= end) {
        return false;
      }
      todo--;
      int type = bytes[i] & 0xff;
      long size; // bytes of the value itself
      if (type < 0x80 || type >= 0xe0) {
        size = 1;
      } else if (type < 0x90) {
        size = 1;
        todo += 2L * (type & 0xf);
      } else if (type < 0xa0) {
        size = 1;
        todo += type & 0xf;
      } else if (type < 0xc0) {
        size = 1L + (type & 0x1f);
      } else {
        int head = headSize(type);
        if (head == 0 || end - i < head) {
          return false;
        }
        size = head + contentSize(type, i);
        todo += contained(type, i);
      }
      if (size > end - i || todo > end - i) {
        return false;
      }
      i += (int) size;
    }
    return true;
  }

  boolean isNil() {
    return (bytes[at] & 0xff) == NIL;
  }

  boolean isArray() {
    int type = bytes[at] & 0xff;
    return (type & 0xf0) == 0x90 || type == 0xdc || type == 0xdd;
  }

  boolean isMap() {
    int type = bytes[at] & 0xff;
    return (type & 0xf0) == 0x80 || type == 0xde || type == 0xdf;
  }

  boolean readNil() {
    if (!isNil()) {
      return false;
    }
    at++;
    return true;
  }

  boolean readArray() {
    return isArray() && readContainer();
  }

  boolean readMap() {
    return isMap() && readContainer();
  }

  private boolean readContainer() {
    int type = bytes[at] & 0xff;
    if (type < 0xa0) {
      length = type & 0xf;
      at++;
    } else if ((type & 1) == 0) {
      length = unsignedShort(at + 1);
      at += 3;
    } else {
      length = (int) INTS.get(bytes, at + 1); // no more than there are bytes: it was checked
      at += 5;
    }
    return true;
  }

  /** A whole number of any width. */
  boolean readInteger() {
    int type = bytes[at];
    if (type >= -32) { // 0x00–0x7f and 0xe0–0xff
      number = type;
      at++;
      return true;
    }
    switch (type & 0xff) {
      case 0xcc -> number = bytes[at + 1] & 0xff;
      case 0xcd -> number = unsignedShort(at + 1);
      case 0xce -> number = (int) INTS.get(bytes, at + 1) & 0xffffffffL;
      case 0xcf, 0xd3 -> number = (long) LONGS.get(bytes, at + 1);
      case 0xd0 -> number = bytes[at + 1];
      case 0xd1 -> number = (short) SHORTS.get(bytes, at + 1);
      case 0xd2 -> number = (int) INTS.get(bytes, at + 1);
      default -> {
        return false;
      }
    }
    at += headSize(type & 0xff);
    return true;
  }

  /** A number as a double. */
  double readDouble() {
    int type = bytes[at] & 0xff;
    if (type == 0xca) {
      at += 5;
      return Float.intBitsToFloat((int) INTS.get(bytes, at - 4));
    }
    if (type == 0xcb) {
      at += 9;
      return Double.longBitsToDouble((long) LONGS.get(bytes, at - 8));
    }
    return readInteger() ? number : Double.NaN;
  }

  /** Text: afterwards the cursor is behind it, and it has {@link #length} bytes. */
  boolean readText() {
    int type = bytes[at] & 0xff;
    if ((type & 0xe0) == 0xa0) {
      length = type & 0x1f;
      at += 1 + length;
      return true;
    }
    if (type < 0xd9 || type > 0xdb) {
      return false;
    }
    readSized(type, 0xd9);
    return true;
  }

  /** Bytes: afterwards the cursor is behind them. */
  boolean readBinary() {
    int type = bytes[at] & 0xff;
    if (type < 0xc4 || type > 0xc6) {
      return false;
    }
    readSized(type, 0xc4);
    return true;
  }

  private void readSized(int type, int shortest) {
    int head = headSize(type);
    length =
        switch (type - shortest) {
          case 0 -> bytes[at + 1] & 0xff;
          case 1 -> unsignedShort(at + 1);
          default -> (int) INTS.get(bytes, at + 1);
        };
    at += head + length;
  }

  /** Goes behind a value and all that it contains. */
  void skip() {
    long todo = 1;
    while (todo > 0) {
      todo--;
      int type = bytes[at] & 0xff;
      if (type < 0x80 || type >= 0xe0) {
        at++;
      } else if (type < 0x90) {
        todo += 2L * (type & 0xf);
        at++;
      } else if (type < 0xa0) {
        todo += type & 0xf;
        at++;
      } else if (type < 0xc0) {
        at += 1 + (type & 0x1f);
      } else {
        todo += contained(type, at);
        at += headSize(type) + (int) contentSize(type, at);
      }
    }
  }

  /** Bytes before the content of a type from 0xc0 on; 0 for the one that does not exist. */
  private static int headSize(int type) {
    return switch (type) {
      case NIL, 0xc2, 0xc3 -> 1;
      case 0xc4, 0xd9, 0xcc, 0xd0 -> 2;
      case 0xc5, 0xda, 0xcd, 0xd1, 0xdc, 0xde, 0xc7 -> 3; // 0xc7: length and kind
      case 0xc8 -> 4;
      case 0xc6, 0xdb, 0xca, 0xce, 0xd2, 0xdd, 0xdf -> 5;
      case 0xc9 -> 6;
      case 0xcb, 0xcf, 0xd3 -> 9;
      case 0xd4 -> 3; // kind and content
      case 0xd5 -> 4;
      case 0xd6 -> 6;
      case 0xd7 -> 10;
      case 0xd8 -> 18;
      default -> 0;
    };
  }

  private long contentSize(int type, int start) {
    return switch (type) {
      case 0xc4, 0xd9, 0xc7 -> bytes[start + 1] & 0xff;
      case 0xc5, 0xda, 0xc8 -> unsignedShort(start + 1);
      case 0xc6, 0xdb, 0xc9 -> (int) INTS.get(bytes, start + 1) & 0xffffffffL;
      default -> 0;
    };
  }

  private long contained(int type, int start) {
    return switch (type) {
      case 0xdc -> unsignedShort(start + 1);
      case 0xdd -> (int) INTS.get(bytes, start + 1) & 0xffffffffL;
      case 0xde -> 2L * unsignedShort(start + 1);
      case 0xdf -> 2 * ((int) INTS.get(bytes, start + 1) & 0xffffffffL);
      default -> 0;
    };
  }

  private int unsignedShort(int start) {
    return (short) SHORTS.get(bytes, start) & 0xffff;
  }
}
