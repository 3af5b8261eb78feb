package ai.llmd.epp.acceptance.cases;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HexFormat;

/** A connection on which a test sends exactly the bytes it wants to. One thread. */
final class RawConnection implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 60_000; // for a machine that is busy

  private final Socket socket;
  private final InputStream in;

  private RawConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  static RawConnection to(int port) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(PATIENCE_MILLIS);
      return new RawConnection(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request and reads its whole answer. */
  static RawReply exchange(int port, byte[] request) {
    try (RawConnection connection = to(port)) {
      return connection.send(request).reply();
    }
  }

  RawConnection send(String text) {
    return send(text.getBytes(ISO_8859_1));
  }

  RawConnection send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Exactly so many bytes. */
  byte[] read(int count) {
    try {
      byte[] read = in.readNBytes(count);
      if (read.length < count) {
        throw new IOException("the connection ended after " + read.length + " bytes");
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The head of an answer, up to the empty line. */
  String head() {
    try {
      var head = new ByteArrayOutputStream();
      while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("the connection ended after: " + head.toString(ISO_8859_1));
        }
        head.write(next);
      }
      return head.toString(ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A whole answer, however its length is given. */
  RawReply reply() {
    RawReply head = new RawReply(head(), "");
    try {
      String length = head.header("content-length");
      byte[] body;
      if (!length.isEmpty()) {
        body = read(Integer.parseInt(length));
      } else if (head.header("transfer-encoding").equals("chunked")) {
        body = chunks();
      } else {
        body = in.readAllBytes();
      }
      return new RawReply(head.head(), new String(body, ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] chunks() throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      int size = HexFormat.fromHexDigits(line());
      body.write(read(size));
      line();
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int next;
    while ((next = in.read()) >= 0 && next != '\n') {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
