package ai.llmd.epp.zmtp;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/*
 * This end names itself as version 3.0, which every peer since ZeroMQ 4.0 talks to in the same way: subscriptions are messages, and
 * nothing is expected of heartbeats; those of a peer are answered all the same.
 *
 *   greeting    FF, 8 bytes, 7F; version, 2 bytes; mechanism, 20 bytes; as-server, 1 byte; 31 bytes
 *   frame       flags, size (1 byte, or 8 when LONG), body
 *   command     name (1 byte of length before it), data
 */
/**
 * One connection's bytes: handshake and frames. One thread reads; several may write.
 *
 * <p>Memory: a frame takes room as its bytes arrive, whatever length it announces.
 */
public final class ZmtpStream {

  private static final int MORE = 1;
  private static final int LONG = 2;
  private static final int COMMAND = 4;
  private static final int SHORT_BYTES = 255;
  private static final int GREETING_BYTES = 64;
  private static final int SIGNATURE_BYTES = 10;
  private static final int VERSION_AT = 10;
  private static final int MECHANISM_AT = 12;
  private static final int MECHANISM_BYTES = 20;
  private static final int MAX_COMMAND_BYTES = 4096;
  private static final int MAX_FRAMES = 16;
  private static final byte SUBSCRIBE = 1;
  private static final byte CANCEL = 0;

  /** Asked before a message takes more than {@link LargeMessages#FREE_BYTES}. */
  interface Turn {

    /** Waits for it; nothing when this connection has it. */
    void begin() throws IOException;

    /** Gives it back; nothing when this connection does not have it. Any thread. */
    void end() throws IOException;
  }

  /** For connections that need none. */
  static final Turn ALWAYS =
      new Turn() {
        @Override
        public void begin() {}

        @Override
        public void end() {}
      };

  private final DataInputStream in;
  private final OutputStream out;
  private final ZmtpRole type;
  private final int maxMessageBytes;
  private final Turn turn;

  /**
   * @param in read a few bytes at a time: a buffered one
   * @param maxMessageBytes bound on all frames of a message together
   */
  public ZmtpStream(InputStream in, OutputStream out, ZmtpRole type, int maxMessageBytes) {
    this(in, out, type, maxMessageBytes, ALWAYS);
  }

  ZmtpStream(InputStream in, OutputStream out, ZmtpRole type, int maxMessageBytes, Turn turn) {
    this.turn = turn;
    this.in = new DataInputStream(in);
    this.out = out;
    this.type = type;
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * Greets the peer, and learns that it is one to talk to.
   *
   * @throws ZmtpException if it is not, or speaks another protocol, version or mechanism
   */
  public void shakeHands() throws IOException {
    write(greeting());
    readGreeting();
    write(ready());
    int flags = in.readUnsignedByte();
    if ((flags & COMMAND) == 0) {
      throw new ZmtpException("a message before the handshake");
    }
    readReady(readCommand(flags));
  }

  /**
   * The next message in frames, at least one. Waits for it, and answers heartbeats on the way. Of a
   * subscriber's command to subscribe or to cancel, the message that it stands for.
   *
   * @throws EOFException at the end of the connection
   * @throws ZmtpException if what comes is no message, or too long
   */
  public byte[][] receive() throws IOException {
    turn.end();
    byte[][] frames = new byte[3][];
    int count = 0;
    int left = maxMessageBytes;
    while (true) {
      int flags = in.readUnsignedByte();
      if ((flags & COMMAND) != 0) {
        byte[] subscription = obey(readCommand(flags));
        if (subscription.length > 0 && count == 0) {
          return new byte[][] {subscription};
        }
        continue;
      }
      if (count == MAX_FRAMES) {
        throw new ZmtpException("a message of more than " + MAX_FRAMES + " frames");
      }
      frames = count == frames.length ? Arrays.copyOf(frames, MAX_FRAMES) : frames;
      frames[count] = readFrame(flags, left);
      left -= frames[count++].length;
      if ((flags & MORE) == 0) {
        return count == frames.length ? frames : Arrays.copyOf(frames, count);
      }
    }
  }

  /** Sends a message of at least one frame. */
  public void send(byte[]... frames) throws IOException {
    int bytes = 0;
    for (byte[] frame : frames) {
      bytes += 1 + Long.BYTES + frame.length;
    }
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    for (int i = 0; i < frames.length; i++) {
      put(buffer, i < frames.length - 1 ? MORE : 0, frames[i]);
    }
    write(Arrays.copyOf(buffer.array(), buffer.position()));
  }

  /** Asks a publisher for the messages whose first frame begins with this. */
  public void subscribe(byte[] topic) throws IOException {
    send(subscription(SUBSCRIBE, topic));
  }

  private static byte[] subscription(byte what, byte[] topic) {
    byte[] message = new byte[1 + topic.length];
    message[0] = what;
    System.arraycopy(topic, 0, message, 1, topic.length);
    return message;
  }

  private synchronized void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  private static byte[] greeting() {
    ByteBuffer greeting = ByteBuffer.allocate(GREETING_BYTES);
    greeting.put((byte) 0xff).position(SIGNATURE_BYTES - 1);
    greeting.put((byte) 0x7f).put((byte) 3).put((byte) 0);
    greeting.put("NULL".getBytes(StandardCharsets.US_ASCII));
    return greeting.array();
  }

  /** Each part as soon as it is there: what is no ZeroMQ may never send a whole greeting. */
  private void readGreeting() throws IOException {
    byte[] greeting = new byte[GREETING_BYTES];
    in.readFully(greeting, 0, 1);
    if (greeting[0] != (byte) 0xff) {
      throw new ZmtpException("no ZeroMQ");
    }
    in.readFully(greeting, 1, SIGNATURE_BYTES - 1);
    if (greeting[SIGNATURE_BYTES - 1] != 0x7f) {
      throw new ZmtpException("no ZeroMQ, or of before its version 3");
    }
    in.readFully(greeting, VERSION_AT, 1);
    if (greeting[VERSION_AT] < 3) {
      throw new ZmtpException("version " + greeting[VERSION_AT] + " of the protocol");
    }
    in.readFully(greeting, VERSION_AT + 1, GREETING_BYTES - VERSION_AT - 1);
    byte[] mechanism = Arrays.copyOfRange(greeting, MECHANISM_AT, MECHANISM_AT + MECHANISM_BYTES);
    if (!Arrays.equals(
        mechanism, Arrays.copyOf("NULL".getBytes(StandardCharsets.US_ASCII), MECHANISM_BYTES))) {
      throw new ZmtpException("it wants encryption or a password");
    }
  }

  private byte[] ready() {
    ByteBuffer body = ByteBuffer.allocate(SHORT_BYTES);
    putShort(body, "READY".getBytes(StandardCharsets.US_ASCII));
    putShort(body, "Socket-Type".getBytes(StandardCharsets.US_ASCII));
    body.putInt(type.wireName().length).put(type.wireName());
    if (type == ZmtpRole.DEALER || type == ZmtpRole.ROUTER) {
      putShort(body, "Identity".getBytes(StandardCharsets.US_ASCII));
      body.putInt(0);
    }
    return command(Arrays.copyOf(body.array(), body.position()));
  }

  private static byte[] command(byte[] body) {
    ByteBuffer frame = ByteBuffer.allocate(1 + Long.BYTES + body.length);
    put(frame, COMMAND, body);
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static void put(ByteBuffer buffer, int flags, byte[] body) {
    if (body.length > SHORT_BYTES) {
      buffer.put((byte) (flags | LONG)).putLong(body.length);
    } else {
      buffer.put((byte) flags).put((byte) body.length);
    }
    buffer.put(body);
  }

  private static void putShort(ByteBuffer buffer, byte[] text) {
    buffer.put((byte) text.length).put(text);
  }

  private void readReady(ByteBuffer command) throws ZmtpException {
    String name = text(shortBytes(command));
    if (!"READY".equals(name)) {
      throw new ZmtpException("ERROR".equals(name) ? "refused by the peer" : "no handshake");
    }
    while (command.hasRemaining()) {
      String property = text(shortBytes(command));
      byte[] value = take(command, command.remaining() < Integer.BYTES ? -1 : command.getInt());
      if ("Socket-Type".equalsIgnoreCase(property)) {
        if (!type.talksTo(value)) {
          throw new ZmtpException("a " + type + " cannot talk to it");
        }
        return;
      }
    }
    throw new ZmtpException("a handshake without a socket type");
  }

  /** What a command stands for as a message; empty for nothing. */
  private byte[] obey(ByteBuffer command) throws IOException {
    String name = text(shortBytes(command));
    byte[] body = take(command, command.remaining());
    switch (name) {
      case "SUBSCRIBE" -> {
        return subscription(SUBSCRIBE, body);
      }
      case "CANCEL" -> {
        return subscription(CANCEL, body);
      }
      case "PING" -> pong(body);
      case "ERROR" -> throw new ZmtpException("refused by the peer");
      default -> {} // of a later version
    }
    return new byte[0];
  }

  /** A ping has two bytes of its own before the context, which the answer repeats. */
  private void pong(byte[] ping) throws IOException {
    ByteBuffer body = ByteBuffer.allocate(5 + ping.length);
    putShort(body, "PONG".getBytes(StandardCharsets.US_ASCII));
    body.put(ping, Math.min(2, ping.length), Math.max(0, ping.length - 2));
    write(command(Arrays.copyOf(body.array(), body.position())));
  }

  private ByteBuffer readCommand(int flags) throws IOException {
    if ((flags & MORE) != 0) {
      throw new ZmtpException("a command in parts");
    }
    return ByteBuffer.wrap(readBody(readSize(flags, MAX_COMMAND_BYTES)));
  }

  private byte[] readFrame(int flags, int left) throws IOException {
    int size = readSize(flags, left);
    if (maxMessageBytes - left + size > LargeMessages.FREE_BYTES) {
      turn.begin();
    }
    return readBody(size);
  }

  private int readSize(int flags, int most) throws IOException {
    if ((flags & ~(MORE | LONG | COMMAND)) != 0) {
      throw new ZmtpException("no frame");
    }
    long size = (flags & LONG) != 0 ? in.readLong() : in.readUnsignedByte();
    if (size < 0 || size > most) {
      throw new ZmtpException("a frame of " + size + " bytes, where " + most + " are the most");
    }
    return (int) size;
  }

  private byte[] readBody(int size) throws IOException {
    byte[] body = in.readNBytes(size);
    if (body.length < size) {
      throw new EOFException();
    }
    return body;
  }

  private static byte[] shortBytes(ByteBuffer from) throws ZmtpException {
    return take(from, from.hasRemaining() ? from.get() & 0xff : -1);
  }

  private static byte[] take(ByteBuffer from, int count) throws ZmtpException {
    if (count < 0 || count > from.remaining()) {
      throw new ZmtpException("a command that ends too early");
    }
    byte[] taken = new byte[count];
    from.get(taken);
    return taken;
  }

  private static String text(byte[] ascii) {
    return new String(ascii, StandardCharsets.US_ASCII);
  }
}
