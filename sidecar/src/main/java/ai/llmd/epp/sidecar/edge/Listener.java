package ai.llmd.epp.sidecar.edge;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One port, and the connections that came through it. Any thread. */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
public final class Listener implements AutoCloseable {

  /** Bytes of an answer that wait for a slow client before the model server's are left unread. */
  static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(32 << 10, 128 << 10);

  private final Channel port;
  private final ChannelGroup open;

  private Listener(Channel port, ChannelGroup open) {
    this.port = port;
    this.open = open;
  }

  /**
   * Opens a port on all interfaces.
   *
   * @param port 0 for any
   * @param tls null for plain text
   * @throws IOException when the port cannot be had
   */
  public static Listener open(
      int port,
      EventLoopGroup loops,
      Class<? extends ServerSocketChannel> channels,
      @Nullable SslContext tls,
      RequestHandler handler,
      InFlight inFlight)
      throws IOException {
    ChannelGroup open = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(channels)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
            .childHandler(new Connections(handler, inFlight, open, tls))
            .bind(port)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on port " + port + ": " + bound.cause(), bound.cause());
    }
    return new Listener(bound.channel(), open);
  }

  public int port() {
    return ((InetSocketAddress) port.localAddress()).getPort();
  }

  /** Accepts no further connection; those that wait for a request are closed. */
  public void stopAccepting() {
    port.close().awaitUninterruptibly();
    for (Channel connection : open) {
      connection.eventLoop().execute(() -> stopAccepting(connection));
    }
  }

  private static void stopAccepting(Channel connection) {
    ClientConnection last = connection.pipeline().get(ClientConnection.class);
    Http2FrameCodec streams = connection.pipeline().get(Http2FrameCodec.class);
    if (last != null) {
      last.closeWhenIdle();
    } else if (streams != null) {
      Http2Streams.stopAccepting(connection, streams);
    }
  }

  /** Closes the port and all connections; exchanges under way break off. */
  @Override
  public void close() {
    port.close().awaitUninterruptibly();
    open.close().awaitUninterruptibly(1000);
  }

  private static final class Connections extends ChannelInitializer<Channel> {

    private final RequestHandler handler;
    private final InFlight inFlight;
    private final ChannelGroup open;
    private final @Nullable SslContext tls;

    Connections(
        RequestHandler handler, InFlight inFlight, ChannelGroup open, @Nullable SslContext tls) {
      this.handler = handler;
      this.inFlight = inFlight;
      this.open = open;
      this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
      open.add(channel);
      ChannelPipeline pipeline = channel.pipeline();
      if (tls == null) {
        pipeline.addLast(new Protocols.FirstBytes(handler, inFlight));
      } else {
        pipeline
            .addLast(tls.newHandler(channel.alloc()))
            .addLast(new Protocols.Negotiation(handler, inFlight));
      }
    }
  }
}
