package ai.llmd.epp.sidecar.edge;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Speaks HTTP/2 without TLS, and without asking first whether the server does. */
final class StreamsClient implements AutoCloseable {

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel connection;

  /** One request. */
  static final class Stream {

    private final Http2StreamChannel channel;
    final CompletableFuture<String> status = new CompletableFuture<>();

    /** Completed at the end of the answer; fails when the stream is reset. */
    final CompletableFuture<String> body = new CompletableFuture<>();

    private final AtomicReference<String> text = new AtomicReference<>("");

    private Stream(Http2StreamChannel channel) {
      this.channel = channel;
    }

    /** What has come so far. */
    String text() {
      return text.get();
    }

    void send(String part, boolean isLast) {
      ByteBuf bytes = Unpooled.copiedBuffer(part, StandardCharsets.UTF_8);
      channel.writeAndFlush(new DefaultHttp2DataFrame(bytes, isLast)).syncUninterruptibly();
    }

    /** Reads no more of the answer. */
    void pause() {
      channel.config().setAutoRead(false);
    }

    /** Resets it. */
    void cancel() {
      channel.close().syncUninterruptibly();
    }
  }

  StreamsClient(int port) {
    connection =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forClient().validateHeaders(false).build())
                        .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .syncUninterruptibly()
            .channel();
  }

  boolean isOpen() {
    return connection.isActive();
  }

  /** Begins a request; its body follows unless the headers are all. */
  Stream begin(String method, String path, boolean isAll, String... headers) {
    Http2StreamChannel channel =
        new Http2StreamChannelBootstrap(connection).open().syncUninterruptibly().getNow();
    Stream stream = new Stream(channel);
    channel.pipeline().addLast(new Answers(stream));
    Http2Headers head =
        new DefaultHttp2Headers(false).method(method).path(path).scheme("http").authority("a");
    for (int i = 0; i < headers.length; i += 2) {
      head.add(headers[i], headers[i + 1]);
    }
    channel.writeAndFlush(new DefaultHttp2HeadersFrame(head, isAll)).syncUninterruptibly();
    return stream;
  }

  private static final class Answers extends ChannelInboundHandlerAdapter {

    private final Stream stream;

    Answers(Stream stream) {
      this.stream = stream;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      boolean isLast = false;
      if (message instanceof Http2HeadersFrame head) {
        if (head.headers().status() != null) {
          stream.status.complete(head.headers().status().toString());
        }
        isLast = head.isEndStream();
      } else if (message instanceof Http2DataFrame data) {
        String part = data.content().toString(StandardCharsets.UTF_8);
        stream.text.updateAndGet(before -> before + part);
        isLast = data.isEndStream();
      }
      ReferenceCountUtil.release(message);
      if (isLast) {
        stream.body.complete(stream.text());
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        broken("reset " + reset.errorCode());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      broken("closed");
    }

    private void broken(String why) {
      stream.status.completeExceptionally(new IllegalStateException(why));
      stream.body.completeExceptionally(new IllegalStateException(why));
    }
  }

  @Override
  public void close() {
    connection.close().syncUninterruptibly();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
