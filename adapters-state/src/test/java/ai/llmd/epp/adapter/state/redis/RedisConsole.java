package ai.llmd.epp.adapter.state.redis;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Implements just enough of the Redis protocol to send a command to a test's server. */
final class RedisConsole implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 5000;

  private final Socket socket;
  private final InputStream in;

  RedisConsole(int port) throws IOException {
    this(InetAddress.getLoopbackAddress().getHostAddress(), port);
  }

  RedisConsole(String host, int port) throws IOException {
    socket = new Socket(host, port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** The first line of the answer, and the text of a bulk string in its place. */
  String ask(String... words) throws IOException {
    StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int bytes = word.getBytes(StandardCharsets.UTF_8).length;
      command.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
    }
    socket.getOutputStream().write(command.toString().getBytes(StandardCharsets.UTF_8));
    String line = line();
    if (line.startsWith("-")) {
      throw new IOException(line);
    }
    return line.startsWith("$") && !line.equals("$-1") ? bulk(line) : line;
  }

  private String bulk(String header) throws IOException {
    byte[] content = in.readNBytes(Integer.parseInt(header.substring(1)));
    return new String(content, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      line.append((char) c);
    }
    in.read(); // the line feed
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
