package ai.llmd.epp.sidecar.proxy;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.upstream.Leg;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Bytes both ways after a change of protocol, as for WebSocket. Each side is read only when the
 * other has taken what came before; the end of one is the end of the other.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
final class Tunnel extends ChannelInboundHandlerAdapter {

  private @Nullable Channel other;

  private Tunnel() {}

  /** Both connections are on one event loop. */
  static void open(Exchange exchange, Leg leg, HttpResponse given) {
    HttpHeaders headers = ForwardedHeaders.withoutHops(given.headers());
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.UPGRADE, given.headers().getAll(HttpHeaderNames.UPGRADE));
    exchange.respond(new DefaultHttpResponse(HttpVersion.HTTP_1_1, given.status(), headers));
    exchange.flush();
    Tunnel fromClient = new Tunnel();
    Tunnel fromServer = new Tunnel();
    Channel client = exchange.leaveHttp(fromClient);
    Channel server = leg.leaveHttp(fromServer);
    fromClient.other = server;
    fromServer.other = client;
    client.closeFuture().addListener(closed -> exchange.tunnelClosed());
    client.read();
    server.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes && other != null) {
      other.write(bytes, other.voidPromise());
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (other != null) {
      other.flush();
      if (other.isWritable()) {
        context.read();
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (other != null && context.channel().isWritable()) {
      other.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (other != null) {
      other.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
