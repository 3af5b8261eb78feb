package ai.llmd.epp.acceptance.cases;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A model server whose answer to a request is that request, byte by byte; a WebSocket answers every
 * frame with itself. Two {@code set-cookie} lines are in each answer.
 */
final class ShowingServer implements AutoCloseable {

  private final ServerSocket listener;

  private ShowingServer(ServerSocket listener) {
    this.listener = listener;
  }

  static ShowingServer start() {
    try {
      var server = new ShowingServer(new ServerSocket(0, 512, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().name("showing-server").start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) { // closed
        return;
      }
    }
  }

  private static void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      for (String head = head(in); !head.isEmpty(); head = head(in)) {
        if (value(head, "upgrade").equals("websocket")) {
          echoFrames(in, out);
          return;
        }
        boolean isScrape = head.startsWith("GET /metrics ");
        byte[] body = body(head, in);
        answer(out, isScrape ? IdleServer.METRICS : head + new String(body, ISO_8859_1));
      }
    } catch (IOException e) { // the other side has gone
    }
  }

  private static void echoFrames(InputStream in, OutputStream out) throws IOException {
    out.write(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n"
            .getBytes(ISO_8859_1));
    byte[] piece = new byte[8192];
    int length;
    while ((length = in.read(piece)) >= 0) {
      out.write(piece, 0, length);
    }
  }

  private static void answer(OutputStream out, String text) throws IOException {
    byte[] body = text.getBytes(ISO_8859_1);
    String head =
        """
        HTTP/1.1 200 OK
        content-type: text/plain
        set-cookie: a=1
        set-cookie: b=2
        content-length: %d

        """
            .formatted(body.length)
            .replace("\n", "\r\n");
    out.write(head.getBytes(ISO_8859_1));
    out.write(body);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static byte[] body(String head, InputStream in) throws IOException {
    String length = value(head, "content-length");
    if (!length.isEmpty()) {
      return in.readNBytes(Integer.parseInt(length));
    }
    var body = new ByteArrayOutputStream();
    int size = value(head, "transfer-encoding").isEmpty() ? 0 : -1;
    while (size != 0) {
      size = HexFormat.fromHexDigits(line(in));
      body.write(in.readNBytes(size));
      line(in);
    }
    return body.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next;
    while ((next = in.read()) >= 0 && next != '\n') {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private static String value(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
