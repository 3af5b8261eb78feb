package ai.llmd.epp.acceptance.cases;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** As much of HTTP/2 (RFC 9113) as one extended CONNECT (RFC 8441) takes: no client here has it. */
final class Http2Frames {

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_HEADERS = 4;
  private static final int ACKNOWLEDGED = 1;
  private static final int STREAM = 1;

  /** The payload has a character for each byte. */
  private record Frame(int type, int flags, String payload) {}

  private final RawConnection connection;

  Http2Frames(RawConnection connection) {
    this.connection = connection;
  }

  /** Opens a WebSocket. */
  void connect(String path) {
    var fields = new ByteArrayOutputStream();
    literal(fields, ":method", "CONNECT");
    literal(fields, ":protocol", "websocket");
    literal(fields, ":scheme", "http");
    literal(fields, ":path", path);
    literal(fields, ":authority", "gateway");
    literal(fields, "sec-websocket-version", "13");
    connection.send(PREFACE);
    send(SETTINGS, 0, 0, new byte[0]);
    send(HEADERS, END_HEADERS, STREAM, fields.toByteArray());
  }

  /** A field that is not indexed (RFC 7541, 6.2.2), of less than 127 bytes. */
  private static void literal(ByteArrayOutputStream fields, String name, String value) {
    fields.write(0);
    fields.write(name.length());
    fields.writeBytes(name.getBytes(ISO_8859_1));
    fields.write(value.length());
    fields.writeBytes(value.getBytes(ISO_8859_1));
  }

  void data(String bytes) {
    send(DATA, 0, STREAM, bytes.getBytes(ISO_8859_1));
  }

  /** The first byte of the response's fields. */
  int awaitHeaders() {
    return await(HEADERS).payload().charAt(0);
  }

  String awaitData() {
    return await(DATA).payload();
  }

  private Frame await(int type) {
    Frame frame = next();
    while (frame.type() != type) {
      if (frame.type() == SETTINGS && frame.flags() != ACKNOWLEDGED) {
        send(SETTINGS, ACKNOWLEDGED, 0, new byte[0]);
      }
      frame = next();
    }
    return frame;
  }

  private Frame next() {
    ByteBuffer head = ByteBuffer.wrap(connection.read(9));
    int lengthAndType = head.getInt();
    int flags = head.get();
    byte[] payload = connection.read(lengthAndType >>> 8);
    return new Frame(lengthAndType & 0xFF, flags, new String(payload, ISO_8859_1));
  }

  private void send(int type, int flags, int stream, byte[] payload) {
    connection.send(
        ByteBuffer.allocate(9 + payload.length)
            .putInt(payload.length << 8 | type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
  }
}
