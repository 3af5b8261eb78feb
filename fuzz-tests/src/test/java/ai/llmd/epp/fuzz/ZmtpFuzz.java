package ai.llmd.epp.fuzz;

import ai.llmd.epp.zmtp.ZmtpRole;
import ai.llmd.epp.zmtp.ZmtpStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * ZeroMQ's protocol: a connection ends with its bytes or is refused, its messages are no longer
 * than its bytes, little is sent for them, and it does not matter in which pieces they arrive.
 */
public final class ZmtpFuzz {

  private static final int MAX_MESSAGE_BYTES = 1 << 16;
  private static final int GREETING_AND_READY_BYTES = 256;

  private ZmtpFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    for (ZmtpRole role : ZmtpRole.values()) {
      for (boolean isGreeted : new boolean[] {true, false}) {
        List<String> whole = read(new ByteArrayInputStream(data), role, isGreeted, data.length);
        List<String> drops = read(new Drops(data), role, isGreeted, data.length);
        JsonFuzz.require(whole.equals(drops), "it matters in which pieces bytes arrive");
      }
    }
  }

  private static List<String> read(InputStream in, ZmtpRole role, boolean isGreeted, int length) {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    ZmtpStream stream = new ZmtpStream(in, sent, role, MAX_MESSAGE_BYTES);
    List<String> messages = new ArrayList<>();
    int bytes = 0;
    try {
      if (isGreeted) {
        stream.shakeHands();
      }
      while (true) {
        byte[][] frames = stream.receive();
        JsonFuzz.require(frames.length > 0, "a message without a frame");
        for (byte[] frame : frames) {
          bytes += frame.length;
          messages.add(HexFormat.of().formatHex(frame));
        }
      }
    } catch (IOException e) {
      messages.add(e.toString());
    }
    JsonFuzz.require(bytes <= length, "messages are longer than their bytes");
    JsonFuzz.require(
        sent.size() <= GREETING_AND_READY_BYTES + 2 * length, "more is sent than was received");
    return messages;
  }

  static List<byte[]> seeds() {
    String greeting =
        "\u00ff" + "\0".repeat(8) + "\u007f\3\1NULL" + "\0".repeat(16) + "\0" + "\0".repeat(31);
    String frames =
        "\4\u0009\4PING\0\7xy\1\2kv\3\0\0\0\0\0\0\1\0"
            + "a".repeat(256)
            + "\0\0\4\u000c\u0009SUBSCRIBEkv\0\3\1kv";
    return List.of(
        bytes(greeting + "\4\u0019\5READY\u000bSocket-Type\0\0\0\3PUB" + frames),
        bytes(
            greeting + "\4)\5READY\u000bSocket-Type\0\0\0\6DEALER\u0008Identity\0\0\0\0" + frames),
        bytes(frames));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** One byte at a time. */
  private static final class Drops extends FilterInputStream {

    Drops(byte[] data) {
      super(new ByteArrayInputStream(data));
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      return in.read(into, from, Math.min(1, length));
    }
  }
}
