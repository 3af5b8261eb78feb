package ai.llmd.epp.sidecar.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The last handler of a connection to a model server: hands what comes to the leg under way. */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
final class UpstreamConnection extends ChannelInboundHandlerAdapter {

  private static final int SWITCHING_PROTOCOLS = 101;

  private final Channel channel;
  private @Nullable Leg leg; // under way
  private boolean isReading;
  private boolean isInterim; // the answer that is being read, as 100 is
  private @Nullable Future<?> idle; // ends a kept connection
  private long idleSinceNanos;

  UpstreamConnection(Channel channel) {
    this.channel = channel;
  }

  Channel channel() {
    return channel;
  }

  void begin(Leg begun) {
    leg = begun;
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
  }

  /** Waits for the next leg, or for the server's end of it. */
  void rest(Future<?> timeout) {
    leg = null;
    idle = timeout;
    idleSinceNanos = System.nanoTime();
    read();
  }

  /** How long ago the last leg ended, of a connection that is kept. */
  long idleNanos() {
    return System.nanoTime() - idleSinceNanos;
  }

  void read() {
    if (!isReading) {
      isReading = true;
      channel.read();
    }
  }

  void leaveHttp(ChannelHandler raw) {
    leg = null;
    channel.pipeline().addLast(raw);
    channel.pipeline().remove(this);
    channel.pipeline().remove(HttpClientCodec.class);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Leg current = leg;
    if (current == null) {
      ReferenceCountUtil.release(message);
      context.close(); // nothing was asked
      return;
    }
    if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      leg = null;
      context.close();
      current.failed(new LegFailure(LegFailure.Kind.BROKEN, "malformed HTTP response"));
      return;
    }
    hand(message, current);
  }

  private void hand(Object message, Leg current) {
    if (message instanceof HttpResponse head) {
      int code = head.status().code();
      isInterim = code < 200 && code != SWITCHING_PROTOCOLS;
      if (!isInterim) {
        current.head(head);
      }
    }
    if (isInterim && message instanceof HttpContent part) {
      part.release();
    } else if (message instanceof LastHttpContent last) {
      if (last.content().isReadable()) {
        current.part(last.replace(last.content().retain()));
      }
      leg = null;
      current.end(last);
    } else if (message instanceof HttpContent part) {
      current.part(part);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    isReading = false;
    Leg current = leg;
    if (current != null) {
      current.pause();
    } else if (channel.isActive()) {
      read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Leg current = leg;
    if (current != null) {
      current.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
    fail("the connection was closed");
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
    fail(String.valueOf(cause.getMessage()));
  }

  private void fail(String why) {
    Leg current = leg;
    leg = null;
    if (current != null) {
      current.failed(new LegFailure(LegFailure.Kind.BROKEN, why));
    }
  }
}
