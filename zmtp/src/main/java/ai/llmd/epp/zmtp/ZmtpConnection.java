package ai.llmd.epp.zmtp;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;

/**
 * A connection whose handshake is done. One thread receives, several may send; closing it, or
 * interrupting a virtual thread that waits for it, ends both.
 */
public final class ZmtpConnection implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 << 10;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration HANDSHAKE = Duration.ofSeconds(5);
  private static final int KEEPALIVE_IDLE_SECONDS = 30;
  private static final int KEEPALIVE_INTERVAL_SECONDS = 10;
  private static final int KEEPALIVE_PROBES = 3;

  private final Socket socket;
  private final ZmtpStream stream;
  private final ZmtpStream.Turn turn;

  private ZmtpConnection(Socket socket, ZmtpStream stream, ZmtpStream.Turn turn) {
    this.socket = socket;
    this.stream = stream;
    this.turn = turn;
  }

  /**
   * Connects, within 5 s, and shakes hands, within as many more.
   *
   * @throws ZmtpException if the peer is none to talk to
   */
  public static ZmtpConnection open(ZmtpAddress address, ZmtpRole type, int maxMessageBytes)
      throws IOException {
    return over(connected(address), type, maxMessageBytes);
  }

  /**
   * The same, with a bound that it shares with other connections.
   *
   * @throws ZmtpException if the peer is none to talk to
   */
  public static ZmtpConnection open(
      ZmtpAddress address, ZmtpRole type, int maxMessageBytes, LargeMessages large)
      throws IOException {
    return over(connected(address), type, maxMessageBytes, large);
  }

  private static Socket connected(ZmtpAddress address) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address.resolved(), (int) CONNECT.toMillis());
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  /**
   * Shakes hands, within 5 s, over a socket that is connected, and closes it when that fails.
   *
   * @throws ZmtpException if the peer is none to talk to
   */
  public static ZmtpConnection over(Socket socket, ZmtpRole type, int maxMessageBytes)
      throws IOException {
    return over(socket, type, maxMessageBytes, in -> ZmtpStream.ALWAYS);
  }

  /**
   * The same, with a bound that it shares with other connections. It has to be closed by the thread
   * that receives, too: what that waits for or has received may be a large message.
   *
   * @throws ZmtpException if the peer is none to talk to
   */
  public static ZmtpConnection over(
      Socket socket, ZmtpRole type, int maxMessageBytes, LargeMessages large) throws IOException {
    return over(socket, type, maxMessageBytes, in -> new TimedTurn(large, in));
  }

  private static ZmtpConnection over(
      Socket socket,
      ZmtpRole type,
      int maxMessageBytes,
      Function<PatientInput, ZmtpStream.Turn> turns)
      throws IOException {
    try {
      socket.setTcpNoDelay(true);
      keepAlive(socket);
      var in = new PatientInput(socket);
      ZmtpStream.Turn turn = turns.apply(in);
      var stream =
          new ZmtpStream(
              new BufferedInputStream(in, BUFFER_BYTES),
              socket.getOutputStream(),
              type,
              maxMessageBytes,
              turn);
      in.endIn(HANDSHAKE);
      stream.shakeHands();
      in.endNever();
      return new ZmtpConnection(socket, stream, turn);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** A peer whose machine is gone is noticed after a minute. */
  private static void keepAlive(Socket socket) throws IOException {
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
      socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
    }
  }

  /** As {@link ZmtpStream#receive}. */
  public byte[][] receive() throws IOException {
    return stream.receive();
  }

  /** As {@link ZmtpStream#send}. */
  public void send(byte[]... frames) throws IOException {
    stream.send(frames);
  }

  /** As {@link ZmtpStream#subscribe}. */
  public void subscribe(byte[] topic) throws IOException {
    stream.subscribe(topic);
  }

  @Override
  public void close() throws IOException {
    try {
      turn.end();
    } finally {
      socket.close();
    }
  }

  /** From its begin on the message has to come within a time. */
  private static final class TimedTurn implements ZmtpStream.Turn {

    private final LargeMessages large;
    private final PatientInput in;
    private final AtomicBoolean isHeld = new AtomicBoolean();

    TimedTurn(LargeMessages large, PatientInput in) {
      this.large = large;
      this.in = in;
    }

    @Override
    public void begin() throws IOException {
      if (!isHeld.get()) {
        large.begin();
        isHeld.set(true);
        in.endIn(large.within());
      }
    }

    @Override
    public void end() throws IOException {
      if (isHeld.getAndSet(false)) {
        large.end();
        in.endNever();
      }
    }
  }

  /** Reads until a point in time, however slowly bytes drip in. */
  private static final class PatientInput extends FilterInputStream {

    private final Socket socket;
    private boolean hasEnd;
    private long end;

    PatientInput(Socket socket) throws IOException {
      super(socket.getInputStream());
      this.socket = socket;
    }

    void endIn(Duration time) {
      hasEnd = true;
      end = System.nanoTime() + time.toNanos();
    }

    void endNever() throws IOException {
      hasEnd = false;
      socket.setSoTimeout(0);
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (hasEnd) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new SocketTimeoutException("neither handshake nor large message in time");
        }
        socket.setSoTimeout((int) left);
      }
      return in.read(into, from, length);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
  }
}
