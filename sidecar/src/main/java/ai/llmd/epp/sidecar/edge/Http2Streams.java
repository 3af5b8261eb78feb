package ai.llmd.epp.sidecar.edge;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that speaks HTTP/2: each of its streams is a channel of its own, with the handlers
 * of a request. Frames are read while they come, and the windows hold a client back: of a stream no
 * more comes than was taken of it, whatever the others do.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class Http2Streams extends ChannelInitializer<Channel> {

  private static final Logger log = LoggerFactory.getLogger(Http2Streams.class);
  private static final int MAX_STREAMS = 1000; // at once
  private static final int STREAM_WINDOW = 64 << 10; // bytes that nobody has taken yet
  private static final int MORE_CONNECTION_WINDOW = 16 << 20; // bytes, of all streams together
  private static final int IDLE_AT_MOST = 300; // seconds

  /** A client may cancel as many requests as it begins; more than this is an attack. */
  private static final int MAX_RESETS = 20_000;

  private static final int RESETS_WITHIN = 30; // seconds
  private static final int LONGEST_CLOSE = 500; // ms

  private final RequestHandler handler;
  private final InFlight inFlight;

  private Http2Streams(RequestHandler handler, InFlight inFlight) {
    this.handler = handler;
    this.inFlight = inFlight;
  }

  /** Adds the handlers of a connection. */
  static void addTo(ChannelPipeline pipeline, RequestHandler handler, InFlight inFlight) {
    Http2Settings settings =
        new Http2Settings()
            .maxConcurrentStreams(MAX_STREAMS)
            .initialWindowSize(STREAM_WINDOW)
            .maxHeaderListSize(StrictRequestDecoder.MAX_HEADERS);
    pipeline
        .addLast(
            Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_WITHIN)
                .gracefulShutdownTimeoutMillis(LONGEST_CLOSE)
                .build())
        .addLast(new IdleStateHandler(0, 0, IDLE_AT_MOST, SECONDS))
        .addLast(new IdleEnd())
        .addLast(new Http2MultiplexHandler(new Http2Streams(handler, inFlight)))
        .addLast(new Errors());
    pipeline.write(new DefaultHttp2WindowUpdateFrame(MORE_CONNECTION_WINDOW));
    pipeline.flush();
    pipeline.channel().config().setAutoRead(true);
  }

  @Override
  protected void initChannel(Channel stream) {
    stream.config().setAutoRead(false);
    stream.config().setWriteBufferWaterMark(Listener.WAITING);
    stream
        .pipeline()
        .addLast(new Http2StreamFrameToHttpObjectCodec(true))
        .addLast(new ClientConnection(handler, inFlight, new Wire.Stream()));
  }

  /** Tells the client to begin no further stream; closes a connection that has none. */
  static void stopAccepting(Channel connection, Http2FrameCodec codec) {
    if (codec.connection().numActiveStreams() == 0) {
      connection.close();
    } else {
      connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    }
  }

  private static final class IdleEnd extends ChannelDuplexHandler {

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      Http2FrameCodec codec = context.pipeline().get(Http2FrameCodec.class);
      if (event instanceof IdleStateEvent && codec.connection().numActiveStreams() == 0) {
        context.close();
      } else {
        context.fireUserEventTriggered(event);
      }
    }
  }

  /** What is wrong with a client's frames: it was told so, and must not fill the log. */
  private static final class Errors extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug("HTTP/2 connection ended: {}", cause.getMessage());
      context.close();
    }
  }
}
