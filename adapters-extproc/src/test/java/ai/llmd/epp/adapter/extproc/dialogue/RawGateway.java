package ai.llmd.epp.adapter.extproc.dialogue;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A gateway that may do what no gRPC library does: send half a message, take no answer, send a byte
 * at a time. It speaks HTTP/2 in plaintext, as much of it as that takes. One thread sends; another
 * one, its own, reads.
 */
public final class RawGateway implements AutoCloseable {

  private static final int FRAME = 9;
  private static final int MAX_FRAME = 16_384;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int INITIAL_WINDOW = 4;

  private final Socket socket;
  private final DataOutputStream out;
  private final boolean takesAnswers;
  private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();
  private long connectionWindow = 65_535; // under the lock of this
  private long initialWindow = 65_535;
  private boolean isOver;
  private int lastStream = -1;

  /** What came on a stream. */
  private static final class Stream {
    long window;
    final ByteArrayOutputStream answers = new ByteArrayOutputStream();
    boolean isOver;
    boolean isReset;
  }

  private RawGateway(Socket socket, boolean takesAnswers) throws IOException {
    this.socket = socket;
    this.takesAnswers = takesAnswers;
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
  }

  /** Connects to a port of this machine. */
  public static RawGateway connect(int port) {
    return connect(port, true);
  }

  /**
   * Connects to a port of this machine.
   *
   * @param takesAnswers whether the picker may send more than the first 64 KiB
   */
  public static RawGateway connect(int port, boolean takesAnswers) {
    try {
      RawGateway gateway =
          new RawGateway(new Socket(InetAddress.getLoopbackAddress(), port), takesAnswers);
      gateway.begin();
      return gateway;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void begin() throws IOException {
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0], 0, 0);
    out.flush();
    Thread.ofVirtual().start(this::read);
  }

  /** Opens a stream to the picker; returns its number. */
  public int open() {
    return open("/" + ExternalProcessorGrpc.SERVICE_NAME + "/Process", "application/grpc");
  }

  /** Begins a POST with a body to come; returns the number of its stream. */
  public synchronized int open(String path, String contentType) {
    int stream = lastStream += 2;
    Stream opened = new Stream();
    opened.window = initialWindow;
    streams.put(stream, opened);
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    header(headers, ":method", "POST");
    header(headers, ":scheme", "http");
    header(headers, ":path", path);
    header(headers, ":authority", "picker");
    header(headers, "content-type", contentType);
    header(headers, "te", "trailers");
    send(HEADERS, END_HEADERS, stream, headers.toByteArray());
    return stream;
  }

  /** Ends what is sent on a stream. */
  public synchronized void end(int stream) {
    send(DATA, END_STREAM, stream, new byte[0]);
  }

  /** Keeps nothing of a stream that is not asked about any more. */
  public synchronized void forget(int stream) {
    streams.remove(stream);
  }

  /** A literal header, not indexed, not compressed. */
  private static void header(ByteArrayOutputStream to, String name, String value) {
    to.write(0);
    text(to, name);
    text(to, value);
  }

  private static void text(ByteArrayOutputStream to, String text) {
    to.write(text.length());
    to.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A gRPC message of this length, up to a place in it: the head and the first bytes. */
  public static byte[] beginOf(byte[] message, int bytes) {
    ByteArrayOutputStream begin = new ByteArrayOutputStream();
    begin.write(0);
    begin.write(message.length >>> 24);
    begin.write(message.length >>> 16);
    begin.write(message.length >>> 8);
    begin.write(message.length);
    begin.write(message, 0, bytes);
    return begin.toByteArray();
  }

  /** A gRPC message. */
  public static byte[] message(byte[] message) {
    return beginOf(message, message.length);
  }

  /**
   * Sends bytes of a stream, in frames as large as may be, as soon as the picker allows them. False
   * when the stream or the connection has ended.
   */
  public boolean send(int stream, byte[] bytes) {
    return send(stream, bytes, MAX_FRAME);
  }

  /**
   * The same in frames of a size.
   *
   * @param frameBytes most bytes of a frame
   */
  public synchronized boolean send(int stream, byte[] bytes, int frameBytes) {
    Stream to = stream(stream);
    try {
      for (int from = 0; from < bytes.length; ) {
        while (Math.min(connectionWindow, to.window) <= 0 && !isOver && !to.isOver) {
          out.flush();
          wait(100);
        }
        if (isOver || to.isOver) {
          return false;
        }
        int most = (int) Math.min(Math.min(connectionWindow, to.window), frameBytes);
        int length = Math.min(most, bytes.length - from);
        frame(DATA, 0, stream, bytes, from, length);
        connectionWindow -= length;
        to.window -= length;
        from += length;
      }
      out.flush();
      return true;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Stream stream(int stream) {
    return Objects.requireNonNull(streams.get(stream), "no such stream");
  }

  /** Resets a stream. */
  public synchronized void reset(int stream) {
    send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  /** What came on a stream as text of one byte a character: a refusal can be read in it. */
  public synchronized String answers(int stream) {
    return stream(stream).answers.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether the picker has ended a stream. */
  public synchronized boolean isOver(int stream) {
    return isOver || stream(stream).isOver;
  }

  /** Whether the picker has reset a stream. */
  public synchronized boolean isReset(int stream) {
    return stream(stream).isReset;
  }

  /** Whether the connection has ended. */
  public synchronized boolean isOver() {
    return isOver;
  }

  private synchronized void send(int type, int flags, int stream, byte[] payload) {
    try {
      frame(type, flags, stream, payload, 0, payload.length);
      out.flush();
    } catch (IOException e) {
      isOver = true;
    }
  }

  private void frame(int type, int flags, int stream, byte[] payload, int from, int length)
      throws IOException {
    out.write(length >>> 16);
    out.writeShort(length);
    out.write(type);
    out.write(flags);
    out.writeInt(stream);
    out.write(payload, from, length);
  }

  private void read() {
    try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
      byte[] head = new byte[FRAME];
      while (true) {
        in.readFully(head);
        int length = (head[0] & 255) << 16 | (head[1] & 255) << 8 | (head[2] & 255);
        byte[] payload = new byte[length];
        in.readFully(payload);
        received(head[3], head[4], number(head, 5) & Integer.MAX_VALUE, payload);
      }
    } catch (IOException e) {
      synchronized (this) {
        isOver = true;
        notifyAll();
      }
    }
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 255) << 24
        | (bytes[at + 1] & 255) << 16
        | (bytes[at + 2] & 255) << 8
        | (bytes[at + 3] & 255);
  }

  private synchronized void received(int type, int flags, int number, byte[] payload) {
    Stream stream = streams.getOrDefault(number, new Stream());
    switch (type) {
      case DATA -> {
        stream.answers.writeBytes(payload);
        stream.isOver |= (flags & END_STREAM) != 0;
        if (takesAnswers && payload.length > 0) {
          byte[] more = {0, 0, (byte) (payload.length >>> 8), (byte) payload.length};
          send(WINDOW_UPDATE, 0, 0, more);
          send(WINDOW_UPDATE, 0, number, more);
        }
      }
      case HEADERS -> stream.isOver |= (flags & END_STREAM) != 0;
      case RST_STREAM -> {
        stream.isOver = true;
        stream.isReset = true;
      }
      case SETTINGS -> settings(flags, payload);
      case PING -> {
        if ((flags & ACK) == 0) {
          send(PING, ACK, 0, payload);
        }
      }
      case GOAWAY -> isOver = true;
      case WINDOW_UPDATE -> {
        if (number == 0) {
          connectionWindow += number(payload, 0);
        } else {
          stream.window += number(payload, 0);
        }
      }
      default -> {} // nothing that is waited for
    }
    notifyAll();
  }

  private void settings(int flags, byte[] payload) {
    if ((flags & ACK) != 0) {
      return;
    }
    for (int at = 0; at + 6 <= payload.length; at += 6) {
      if (payload[at + 1] == INITIAL_WINDOW) {
        long difference = number(payload, at + 2) - initialWindow;
        initialWindow += difference;
        streams.values().forEach(stream -> stream.window += difference);
      }
    }
    send(SETTINGS, ACK, 0, new byte[0]);
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
