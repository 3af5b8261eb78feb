package ai.llmd.epp.traces.otlp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Locale;

/**
 * One connection to a collector, over which requests go one after the other. Of an answer only the
 * status counts. Whoever closes the socket ends what waits here.
 */
final class HttpConnection {

  private static final int MAX_HEAD_BYTES = 16 << 10;
  private static final int MAX_BODY_BYTES = 64 << 10;
  private static final int READ_AT_ONCE = 2 << 10;
  private static final String VERSION = "HTTP/1.";
  private static final int STATUS = "HTTP/1.1 ".length();
  private static final int STATUS_END = STATUS + 3;
  private static final int FIRST_FINAL = 200;
  private static final int NO_CONTENT = 204;

  private final InputStream in;
  private final OutputStream out;
  private boolean isReusable = true;

  HttpConnection(Socket socket) throws IOException {
    this.in = new BufferedInputStream(socket.getInputStream(), READ_AT_ONCE);
    this.out = socket.getOutputStream();
  }

  /** Whether another request may follow. */
  boolean isReusable() {
    return isReusable;
  }

  /** Sends a request; returns the status of the answer. */
  int ask(byte[] head, byte[] body) throws IOException {
    isReusable = false; // until an answer was read to its end
    out.write(head);
    out.write(body);
    out.flush();
    Head answer = head();
    while (answer.status < FIRST_FINAL) {
      answer = head();
    }
    isReusable = answer.status == NO_CONTENT || isSkipped(answer);
    isReusable &= !answer.isLast;
    return answer.status;
  }

  /** Of a body whose length is not announced the end is not looked for. */
  private boolean isSkipped(Head answer) throws IOException {
    if (answer.length < 0 || answer.length > MAX_BODY_BYTES) {
      return false;
    }
    in.skipNBytes(answer.length);
    return true;
  }

  private static final class Head {

    private int status;
    private long length = -1;
    private boolean isLast;
  }

  private Head head() throws IOException {
    Head head = new Head();
    int[] left = {MAX_HEAD_BYTES};
    String line = line(left);
    head.status = status(line);
    head.isLast = line.startsWith("HTTP/1.0");
    for (line = line(left); !line.isEmpty(); line = line(left)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        header(head, line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return head;
  }

  private static void header(Head head, String name, String value) throws IOException {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "content-length" -> head.length = length(value);
      case "connection" -> head.isLast |= value.equalsIgnoreCase("close");
      default -> {} // does not matter
    }
  }

  private static long length(String value) throws IOException {
    try {
      return Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw new ProtocolException("the collector's answer has a wrong length");
    }
  }

  private static int status(String line) throws IOException {
    try {
      if (line.startsWith(VERSION) && line.length() >= STATUS_END) {
        return Integer.parseInt(line, STATUS, STATUS_END, 10);
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new ProtocolException("the collector's answer is no HTTP");
  }

  /** Without its end. */
  private String line(int[] left) throws IOException {
    byte[] line = new byte[80];
    int size = 0;
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the collector closed the connection");
      }
      if (left[0]-- == 0) {
        throw new ProtocolException("the head of the collector's answer is too long");
      }
      if (size == line.length) {
        line = Arrays.copyOf(line, 2 * size);
      }
      line[size++] = (byte) next;
    }
    int end = size > 0 && line[size - 1] == '\r' ? size - 1 : size;
    return new String(line, 0, end, ISO_8859_1);
  }
}
