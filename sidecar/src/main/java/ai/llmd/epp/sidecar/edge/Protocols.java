package ai.llmd.epp.sidecar.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out which protocol a client speaks, and adds its handlers. */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
final class Protocols {

  private static final Logger log = LoggerFactory.getLogger(Protocols.class);

  private Protocols() {}

  /** To a connection that is open. */
  private static void addHttp1(
      ChannelPipeline pipeline, RequestHandler handler, InFlight inFlight) {
    AnswerEncoder encoder = new AnswerEncoder();
    RequestTimer timer = new RequestTimer();
    ClientConnection connection =
        new ClientConnection(handler, inFlight, new Wire.Connection(encoder, timer));
    pipeline
        .addLast(timer)
        .addLast(new StrictRequestDecoder())
        .addLast(encoder)
        .addLast(connection);
    connection.read();
  }

  /** Waits for the end of the handshake, in which the client says what it speaks. */
  static final class Negotiation extends ApplicationProtocolNegotiationHandler {

    private final RequestHandler handler;
    private final InFlight inFlight;

    Negotiation(RequestHandler handler, InFlight inFlight) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.handler = handler;
      this.inFlight = inFlight;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
      context.read(); // the first bytes of the handshake
      super.channelActive(context);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        Http2Streams.addTo(context.pipeline(), handler, inFlight);
      } else {
        addHttp1(context.pipeline(), handler, inFlight);
      }
    }

    /** Probes and scanners end handshakes, too: not worth a line for each. */
    @Override
    protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
      log.debug("TLS handshake failed: {}", cause.getMessage());
      context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      handshakeFailure(context, cause);
    }
  }

  /** Waits for the first bytes: HTTP/2 begins with some that no request of HTTP/1 begins with. */
  static final class FirstBytes extends ByteToMessageDecoder {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
    private static final int WITHIN = 30; // seconds

    private final RequestHandler handler;
    private final InFlight inFlight;
    private @Nullable Future<?> timeout;

    FirstBytes(RequestHandler handler, InFlight inFlight) {
      this.handler = handler;
      this.inFlight = inFlight;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      timeout = context.executor().schedule(() -> context.close(), WITHIN, SECONDS);
      context.read();
      context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      noTimeout();
      super.channelInactive(context);
    }

    private void noTimeout() {
      if (timeout != null) {
        timeout.cancel(false);
        timeout = null;
      }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      int length = Math.min(in.readableBytes(), PREFACE.length);
      boolean isPreface = true;
      for (int i = 0; i < length && isPreface; i++) {
        isPreface = in.getByte(in.readerIndex() + i) == PREFACE[i];
      }
      if (isPreface && length < PREFACE.length) {
        return; // not all of it is there
      }
      noTimeout();
      if (isPreface) {
        Http2Streams.addTo(context.pipeline(), handler, inFlight);
      } else {
        addHttp1(context.pipeline(), handler, inFlight);
      }
      context.pipeline().remove(this); // hands on what it has
    }
  }
}
