package ai.llmd.epp.sidecar.upstream;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop, for that loop alone: those that are kept for another leg. */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
final class ConnectionPool {

  private static final int CONNECT_WITHIN = 30_000; // ms
  private static final int IDLE_AT_MOST = 90; // seconds

  /**
   * What must not be sent twice goes over connections that no server has reason to close meanwhile:
   * vLLM's does after 5 s.
   */
  private static final long SURELY_KEPT = SECONDS.toNanos(4);

  private static final int MAX_HEADERS = 1 << 20; // bytes
  private static final int MAX_CHUNK = 64 << 10; // bytes handed on at once
  private static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(32 << 10, 128 << 10);

  private final EventLoop loop;
  private final Class<? extends SocketChannel> channels;
  private final LegObserver observer;
  private final int maxIdle; // connections to each target
  private final Map<Target, Deque<UpstreamConnection>> idle = new HashMap<>();

  ConnectionPool(
      EventLoop loop, Class<? extends SocketChannel> channels, int maxIdle, LegObserver observer) {
    this.observer = observer;
    this.loop = loop;
    this.channels = channels;
    this.maxIdle = maxIdle;
  }

  /** Begins a leg over a kept connection, or over a new one. */
  void begin(Leg leg, Target target) {
    Deque<UpstreamConnection> kept = idle.get(target);
    UpstreamConnection last = kept == null ? null : lastActive(kept);
    if (last == null || kept == null) {
      connect(leg, target);
    } else if (last.idleNanos() > SURELY_KEPT && !leg.isIdempotent()) {
      kept.addLast(last);
      connect(leg, target);
    } else {
      last.begin(leg);
      leg.connected(last, false);
    }
  }

  private static @Nullable UpstreamConnection lastActive(Deque<UpstreamConnection> kept) {
    UpstreamConnection last = kept.pollLast();
    while (last != null && !last.channel().isActive()) {
      last = kept.pollLast();
    }
    return last;
  }

  void connect(Leg leg, Target target) {
    InetAddress[] known = target.knownAddresses();
    if (known != null) {
      connect(leg, target, known, 0);
      return;
    }
    Thread.startVirtualThread(() -> ask(leg, target));
  }

  private void ask(Leg leg, Target target) {
    try {
      InetAddress[] found = InetAddress.getAllByName(target.host());
      loop.execute(() -> connect(leg, target, found, 0));
    } catch (UnknownHostException e) {
      loop.execute(
          () ->
              leg.failed(
                  new LegFailure(LegFailure.Kind.BROKEN, "lookup " + target.host() + " failed")));
    }
  }

  private void connect(Leg leg, Target target, InetAddress[] addresses, int index) {
    if (leg.isOver()) {
      return;
    }
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(channels)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_WITHIN)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
            .handler(new Initializer(target))
            .connect(new InetSocketAddress(addresses[index], target.port()));
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            connected(leg, connecting.channel());
          } else if (index + 1 < addresses.length) {
            connect(leg, target, addresses, index + 1);
          } else {
            leg.failed(failure(target, done.cause()));
          }
        });
  }

  private void connected(Leg leg, Channel channel) {
    UpstreamConnection connection = channel.pipeline().get(UpstreamConnection.class);
    if (leg.isOver() || connection == null) {
      channel.close();
      return;
    }
    Target target = leg.target(); // the leg, and with it a body, must not live as long
    channel.closeFuture().addListener(closed -> forget(target, connection));
    connection.begin(leg);
    leg.connected(connection, true);
  }

  private static LegFailure failure(Target target, @Nullable Throwable cause) {
    String reason = cause == null ? "" : String.valueOf(cause.getMessage());
    boolean isRefused = cause instanceof ConnectException && reason.contains("refused");
    return isRefused
        ? new LegFailure(LegFailure.Kind.REFUSED, "dial tcp " + target + ": connection refused")
        : new LegFailure(LegFailure.Kind.BROKEN, "dial tcp " + target + ": " + reason);
  }

  /** Keeps a connection whose leg is over, or closes it when there are enough. */
  void keep(Target target, UpstreamConnection connection) {
    Deque<UpstreamConnection> kept = idle.computeIfAbsent(target, any -> new ArrayDeque<>());
    if (kept.size() >= maxIdle || !connection.channel().isActive()) {
      connection.channel().close();
      return;
    }
    kept.addLast(connection);
    connection.rest(loop.schedule(() -> connection.channel().close(), IDLE_AT_MOST, SECONDS));
  }

  private void forget(Target target, UpstreamConnection connection) {
    Deque<UpstreamConnection> kept = idle.get(target);
    if (kept != null) {
      kept.remove(connection); // unless it was in use
      if (kept.isEmpty()) {
        idle.remove(target);
      }
    }
  }

  LegObserver observer() {
    return observer;
  }

  private static final class Initializer extends ChannelInitializer<Channel> {

    private final Target target;

    Initializer(Target target) {
      this.target = target;
    }

    @Override
    protected void initChannel(Channel channel) {
      SslContext tls = target.tls();
      if (tls != null) {
        SslHandler handler = tls.newHandler(channel.alloc(), target.host(), target.port());
        channel.pipeline().addLast(handler);
      }
      channel
          .pipeline()
          .addLast(
              new HttpClientCodec(
                  new HttpDecoderConfig()
                      .setMaxInitialLineLength(MAX_HEADERS)
                      .setMaxHeaderSize(MAX_HEADERS)
                      .setMaxChunkSize(MAX_CHUNK),
                  false,
                  true))
          .addLast(new UpstreamConnection(channel));
    }
  }
}
