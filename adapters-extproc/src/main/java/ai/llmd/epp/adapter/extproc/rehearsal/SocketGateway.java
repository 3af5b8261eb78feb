package ai.llmd.epp.adapter.extproc.rehearsal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a picker of this machine: HTTP/2 by hand, as much as a gateway says that has one
 * stream at a time, so that a program which exercises itself runs the code of its server and no
 * client's beside it. One thread, an interrupt closes it.
 */
final class SocketGateway implements Gateway, Closeable {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Of a message: whether it is compressed, and its length. */
  static final int PREFIX_BYTES = 5;

  private static final int FIRST_WINDOW = 65_535;
  private static final int MAX_WINDOW = Integer.MAX_VALUE;
  private static final int GIVEN_BACK_FROM = 1 << 20;
  private static final int SETTING_BYTES = 6;
  private static final int SMALLEST_TABLE = 16;

  /** As gateways write them: in Huffman's code, each. */
  private static final int HUFFMAN_FROM_LENGTH = 0;

  private static final Http2Headers HEADERS =
      new DefaultHttp2Headers()
          .method("POST")
          .scheme("http")
          .path("/envoy.service.ext_proc.v3.ExternalProcessor/Process")
          .authority("picker")
          .add("te", "trailers")
          .add("content-type", "application/grpc");

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final DefaultHttp2HeadersEncoder headers =
      new DefaultHttp2HeadersEncoder((_, _) -> false, false, SMALLEST_TABLE, HUFFMAN_FROM_LENGTH);
  private int firstWindow = FIRST_WINDOW;
  private int window = FIRST_WINDOW; // of the connection, as the streams' what may be sent
  private int taken; // bytes that the connection's window here has not got back
  private int lastStream = -1;
  private @Nullable SocketStream current;

  private SocketGateway(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  /**
   * Connects.
   *
   * @param port on the loopback interface
   * @param hasTls whether the picker wants TLS; its certificate is not looked at
   * @throws IOException when there is none, or it speaks another protocol
   */
  static SocketGateway to(int port, boolean hasTls) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    try {
      Socket plain = channel.socket();
      plain.setTcpNoDelay(true);
      plain.setSoTimeout((int) TimeUnit.SECONDS.toMillis(GatewayStream.TIMEOUT_SECONDS));
      SocketGateway gateway = new SocketGateway(hasTls ? tls(plain, port) : plain);
      gateway.begin();
      return gateway;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Socket tls(Socket plain, int port) throws IOException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      SSLSocket socket =
          (SSLSocket) tls.getSocketFactory().createSocket(plain, "localhost", port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no TLS for a client", e);
    }
  }

  private void begin() throws IOException {
    out.write(PREFACE);
    head(SETTING_BYTES, Http2Frame.SETTINGS, 0, 0);
    out.writeShort(Http2Frame.INITIAL_WINDOW_SIZE);
    out.writeInt(MAX_WINDOW);
    giveBack(MAX_WINDOW - FIRST_WINDOW);
    out.flush();
    while (take().type() != Http2Frame.SETTINGS) {
      // it says how much it takes before it is sent anything
    }
  }

  @Override
  public GatewayStream open() {
    lastStream += 2;
    SocketStream stream = new SocketStream(this, lastStream, firstWindow);
    current = stream;
    ByteBuf block = Unpooled.buffer();
    try {
      headers.encodeHeaders(lastStream, HEADERS, block);
      head(block.readableBytes(), Http2Frame.HEADERS, Http2Frame.END_HEADERS, lastStream);
      out.write(ByteBufUtil.getBytes(block));
    } catch (IOException | Http2Exception e) {
      throw lost(e);
    }
    return stream;
  }

  /**
   * A message that a stream sends, behind the prefix that says how long it is: in frames, as far
   * and as soon as the picker takes it.
   */
  void send(SocketStream stream, byte[] message) {
    try {
      for (int from = -PREFIX_BYTES; from < message.length; ) {
        int room = Math.min(window, stream.window());
        if (room < PREFIX_BYTES) {
          flushAndTake();
          continue;
        }
        int bytes = Math.min(Math.min(message.length - from, room), Http2Frame.MAX_BYTES);
        head(bytes, Http2Frame.DATA, 0, stream.id());
        if (from < 0) {
          out.writeByte(0); // not compressed
          out.writeInt(message.length);
        }
        int begin = Math.max(from, 0);
        from += bytes;
        out.write(message, begin, from - begin);
        window -= bytes;
        stream.widen(-bytes);
      }
      out.flush();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  void halfClose(SocketStream stream) {
    try {
      head(0, Http2Frame.DATA, Http2Frame.END_STREAM, stream.id());
      out.flush();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  void cancel(SocketStream stream) {
    try {
      head(Integer.BYTES, Http2Frame.RST_STREAM, 0, stream.id());
      out.writeInt(Http2Frame.CANCEL);
      out.flush();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /** Waits for a frame, and lets the stream that is open know. */
  void flushAndTake() {
    try {
      out.flush();
      var _ = take();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  private Http2Frame take() throws IOException {
    Http2Frame frame = Http2Frame.read(in);
    switch (frame.type()) {
      case Http2Frame.SETTINGS -> settle(frame);
      case Http2Frame.PING -> pong(frame);
      case Http2Frame.GOAWAY -> throw new IOException("the picker goes away");
      case Http2Frame.WINDOW_UPDATE -> widen(frame);
      case Http2Frame.DATA -> {
        taken += frame.payload().length;
        if (taken >= GIVEN_BACK_FROM) {
          giveBack(taken);
          taken = 0;
        }
      }
      default -> {} // of a stream, or of no meaning here
    }
    SocketStream stream = current;
    if (stream != null && stream.id() == frame.stream()) {
      stream.took(frame);
    }
    return frame;
  }

  private void settle(Http2Frame settings) throws IOException {
    if (settings.isAcknowledgement()) {
      return;
    }
    for (int at = 0; at + SETTING_BYTES <= settings.payload().length; at += SETTING_BYTES) {
      if (settings.payload()[at + 1] == Http2Frame.INITIAL_WINDOW_SIZE) {
        int settled = settings.number(at + Short.BYTES);
        SocketStream stream = current;
        if (stream != null) {
          stream.widen(settled - firstWindow);
        }
        firstWindow = settled;
      }
    }
    head(0, Http2Frame.SETTINGS, Http2Frame.ACK, 0);
  }

  private void pong(Http2Frame ping) throws IOException {
    if (!ping.isAcknowledgement()) {
      head(ping.payload().length, Http2Frame.PING, Http2Frame.ACK, 0);
      out.write(ping.payload());
    }
  }

  private void widen(Http2Frame update) {
    if (update.stream() == 0) {
      window += update.number(0);
    }
  }

  private void giveBack(int bytes) throws IOException {
    head(Integer.BYTES, Http2Frame.WINDOW_UPDATE, 0, 0);
    out.writeInt(bytes);
  }

  private void head(int length, int type, int flags, int stream) throws IOException {
    out.writeInt(length << 8 | type);
    out.writeByte(flags);
    out.writeInt(stream);
  }

  private static IllegalStateException lost(Exception cause) {
    return new IllegalStateException("the picker cannot be reached", cause);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
