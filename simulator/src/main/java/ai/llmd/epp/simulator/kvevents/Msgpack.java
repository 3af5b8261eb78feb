package ai.llmd.epp.simulator.kvevents;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes the little of MessagePack that events need. */
final class Msgpack {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);

  Msgpack array(int size) {
    return sized(size, 0x90, 0xdc);
  }

  Msgpack map(int size) {
    return sized(size, 0x80, 0xde);
  }

  private Msgpack sized(int size, int small, int large) {
    if (size < 16) {
      out.write(small | size);
    } else if (size < 1 << 16) {
      out.write(large);
      put(ByteBuffer.allocate(2).putShort((short) size).array());
    } else {
      out.write(large + 1);
      put(ByteBuffer.allocate(4).putInt(size).array());
    }
    return this;
  }

  Msgpack text(@Nullable String text) {
    if (text == null) {
      return nil();
    }
    byte[] utf8 = text.getBytes(UTF_8);
    if (utf8.length < 32) {
      out.write(0xa0 | utf8.length);
    } else {
      out.write(0xdb);
      put(ByteBuffer.allocate(4).putInt(utf8.length).array());
    }
    out.writeBytes(utf8);
    return this;
  }

  Msgpack nil() {
    out.write(0xc0);
    return this;
  }

  /** Unsigned. */
  Msgpack number(long number) {
    if (number >= 0 && number < 128) {
      out.write((int) number);
    } else if (number >>> 32 == 0) {
      out.write(0xce);
      put(ByteBuffer.allocate(4).putInt((int) number).array());
    } else {
      out.write(0xcf);
      put(ByteBuffer.allocate(8).putLong(number).array());
    }
    return this;
  }

  Msgpack decimal(double number) {
    out.write(0xcb);
    put(ByteBuffer.allocate(8).putDouble(number).array());
    return this;
  }

  private void put(byte[] bytes) {
    out.writeBytes(bytes);
  }

  /** Bytes so far. */
  byte[] bytes() {
    return out.toByteArray();
  }

  Msgpack raw(byte[] written) {
    out.writeBytes(written);
    return this;
  }
}
