package ai.llmd.epp.simulator.http;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ai.llmd.epp.simulator.kvevents.KvEvents;
import ai.llmd.epp.simulator.settings.Identity;
import ai.llmd.epp.simulator.settings.ModelServerSettings;
import ai.llmd.epp.simulator.transfer.BlockTransfers;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The servers of one process, each with its own port and its own state. They share as many event
 * loops as there are processors. Safe for use by any thread.
 */
public final class ServerGroup implements AutoCloseable {

  private final EventLoopGroup loops;
  private final List<Channel> listening = new ArrayList<>();
  private final List<KvEvents> publishing = new CopyOnWriteArrayList<>();
  private final ChannelGroup open = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

  private ServerGroup(int threads) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.loops = new MultiThreadIoEventLoopGroup(threads, io);
  }

  /**
   * Starts servers on consecutive ports, or on any free ports when the first is 0.
   *
   * @param host address to bind, a name or number
   * @param settings of all servers; each is numbered from 0
   * @throws IOException when a port cannot be had; nothing is left running
   */
  public static ServerGroup start(
      String host, int firstPort, int servers, ModelServerSettings settings) throws IOException {
    int threads = Math.min(servers, Runtime.getRuntime().availableProcessors());
    ServerGroup group = new ServerGroup(threads);
    try {
      for (int i = 0; i < servers; i++) {
        Identity identity =
            servers == 1
                ? settings.identity()
                : new Identity(
                    settings.identity().pod() + "-" + i, settings.identity().namespace());
        group.listen(host, firstPort == 0 ? 0 : firstPort + i, settings.numbered(i, identity));
      }
      return group;
    } catch (IOException | RuntimeException failed) {
      group.close();
      throw failed;
    }
  }

  /** The ports, in the order of the servers. */
  public List<Integer> ports() {
    return listening.stream().map(ServerGroup::portOf).toList();
  }

  /** Where each server publishes events of its prefix cache, and replays them, if it does. */
  public List<KvEvents> kvEvents() {
    return List.copyOf(publishing);
  }

  /** Closes all ports and connections; requests under way get no answer. */
  @Override
  public void close() {
    publishing.forEach(KvEvents::close);
    // not left to the loops: without a quiet period they may end before they close their channels
    open.close().awaitUninterruptibly(1000, MILLISECONDS);
    loops.shutdownGracefully(0, 500, MILLISECONDS).awaitUninterruptibly(1000, MILLISECONDS);
  }

  private void listen(String host, int port, ModelServerSettings settings) throws IOException {
    EventLoop loop = loops.next();
    ModelServer server = new ModelServer(settings, loop);
    KvEvents kvEvents = server.kvEvents();
    if (kvEvents != null) {
      publishing.add(kvEvents);
    }
    Router router = new Router(server);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop, loop)
            .channel(
                Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Connections(router, settings, open))
            .bind(host, port)
            .addListener(
                (ChannelFuture done) -> {
                  if (done.isSuccess() && kvEvents != null) {
                    kvEvents.listensOn(portOf(done.channel()));
                  }
                  BlockTransfers transfers = server.transfers();
                  if (done.isSuccess() && transfers != null) {
                    transfers.listensOn(portOf(done.channel()));
                  }
                })
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(sentence(host, port, bound.cause()), bound.cause());
    }
    listening.add(bound.channel());
    open.add(bound.channel());
  }

  private static String sentence(String host, int port, Throwable cause) {
    String reason = String.valueOf(cause.getMessage());
    return reason.contains("already in use")
        ? "port " + port + " on " + host + " is already in use"
        : "cannot listen on " + host + ":" + port + ": " + reason;
  }

  private static int portOf(Channel channel) {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private static final class Connections extends ChannelInitializer<Channel> {
    private final Router router;
    private final ModelServerSettings settings;
    private final ChannelGroup open;

    Connections(Router router, ModelServerSettings settings, ChannelGroup open) {
      this.router = router;
      this.settings = settings;
      this.open = open;
    }

    @Override
    protected void initChannel(Channel channel) {
      open.add(channel);
      HttpHeaders identity =
          new DefaultHttpHeaders()
              .set("x-inference-pod", settings.identity().pod())
              .set("x-inference-port", Integer.toString(portOf(channel)))
              .set("x-inference-namespace", settings.identity().namespace());
      channel
          .pipeline()
          .addLast(new HttpServerCodec())
          .addLast(new HttpServerKeepAliveHandler())
          .addLast(new BodyAggregator(settings.maxBodyBytes(), identity))
          .addLast(new ConnectionHandler(router, request -> headers(identity, request)));
    }

    private HttpHeaders headers(HttpHeaders identity, FullHttpRequest request) {
      if (settings.echoedHeaders().isEmpty()) {
        return identity;
      }
      HttpHeaders echoed = identity.copy();
      for (String name : settings.echoedHeaders()) {
        echoed.set(name, request.headers().getAll(name)); // of none, nothing comes back
      }
      return echoed;
    }
  }
}
