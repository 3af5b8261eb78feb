package ai.llmd.epp.adapter.extproc.transport;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves gRPC's services on a port. Calls are made on the event loops, each connection's on one.
 * Any thread.
 */
public final class LeanServer extends Server {

  private static final Logger log = LoggerFactory.getLogger(LeanServer.class);

  /**
   * What is served, and how.
   *
   * @param tls null for plaintext
   * @param services with their interceptors
   * @param tracer of every stream
   * @param connections is notified of every connection
   * @param room in network memory, for what is not complete or not wanted yet
   * @param maxConnections most connections at once; further ones are closed
   */
  public record Settings(
      InetSocketAddress address,
      @Nullable SslContext tls,
      List<ServerServiceDefinition> services,
      ServerStreamTracer.Factory tracer,
      ServerTransportFilter connections,
      BufferedBytes room,
      int maxConnections,
      TransportRules rules) {

    public Settings {
      services = List.copyOf(services);
    }
  }

  /** Of answers in network memory: above the upper one a connection is not read. */
  private static final WriteBufferWaterMark UNTAKEN = new WriteBufferWaterMark(256 << 10, 1 << 20);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Class<? extends ServerChannel> channelType;
  private final RecvByteBufAllocator reads;
  private final Methods methods;
  private final Host inside = new Inside();
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final RoomRelief relief;
  private final AtomicInteger accepted = new AtomicInteger();
  private final MinuteReports refused = new MinuteReports(System::nanoTime, LeanServer::logRefused);
  private final CountDownLatch terminated = new CountDownLatch(1);
  private volatile @Nullable Channel listening;
  private volatile boolean isShutdown;

  /**
   * @param loops accept and serve; they are their owner's to stop
   * @param reads how much is read of a connection at one go
   */
  public LeanServer(
      Settings settings,
      EventLoopGroup loops,
      Class<? extends ServerChannel> channelType,
      RecvByteBufAllocator reads) {
    this.settings = settings;
    this.loops = loops;
    this.channelType = channelType;
    this.reads = reads;
    this.methods = new Methods(settings.services());
    this.relief = new RoomRelief(loops, open, settings.room());
  }

  @Override
  public LeanServer start() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(channelType)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, reads)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNTAKEN)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    admit(channel);
                  }
                })
            .bind(settings.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot be bound", bound.cause());
    }
    listening = bound.channel();
    return this;
  }

  /** A connection costs some kilobytes, whatever it does not do. */
  private void admit(SocketChannel channel) {
    if (accepted.incrementAndGet() > settings.maxConnections()) {
      accepted.decrementAndGet();
      refused.add();
      ChannelFuture _ = channel.close();
      return;
    }
    channel.closeFuture().addListener(_ -> accepted.decrementAndGet());
    prepare(channel);
  }

  private static void logRefused(long connections) {
    log.atWarn()
        .addKeyValue("connections", connections)
        .log("connections beyond the limit were closed");
  }

  private void prepare(SocketChannel channel) {
    SslContext tls = settings.tls();
    if (tls == null) {
      channel.pipeline().addLast(new Connection(inside));
      return;
    }
    channel
        .pipeline()
        .addLast(
            tls.newHandler(channel.alloc()),
            new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
              @Override
              protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                  context.pipeline().addLast(new Connection(inside));
                } else {
                  ChannelFuture _ = context.close();
                }
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                inside.failed(cause);
                ChannelFuture _ = context.close();
              }
            });
  }

  /** The side that connections see. */
  private final class Inside implements Host {

    private final MinuteReports faults = new MinuteReports(System::nanoTime, this::logFaults);
    private volatile @Nullable Throwable lastFault;

    @Override
    public TransportRules rules() {
      return settings.rules();
    }

    @Override
    public Methods methods() {
      return methods;
    }

    @Override
    public ServerStreamTracer.Factory tracer() {
      return settings.tracer();
    }

    @Override
    public BufferedBytes room() {
      return settings.room();
    }

    @Override
    public void makeRoom() {
      relief.begin();
    }

    @Override
    public Attributes began(Connection connection, Channel channel) {
      open.add(connection);
      if (isShutdown) {
        connection.goAwaySoon();
      }
      Attributes.Builder known = Attributes.newBuilder();
      SocketAddress peer = channel.remoteAddress();
      if (peer != null) {
        known.set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, peer);
      }
      return settings.connections().transportReady(known.build());
    }

    @Override
    public void ended(Connection connection, Attributes known) {
      settings.connections().transportTerminated(known);
      open.remove(connection);
      noteEnd();
    }

    @Override
    public void failed(Throwable cause) {
      if (cause instanceof IOException || cause instanceof DecoderException) { // peers cause it
        log.atDebug().setCause(cause).log("a connection failed");
      } else {
        lastFault = cause;
        faults.add();
      }
    }

    private void logFaults(long connections) {
      log.atError()
          .addKeyValue("connections", connections)
          .setCause(lastFault)
          .log("connections ended by a fault of this program, or for want of network memory");
    }
  }

  @Override
  public int getPort() {
    Channel channel = listening;
    return channel == null ? -1 : ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public Server shutdown() {
    isShutdown = true;
    stopListening();
    open.forEach(Connection::goAwaySoon);
    noteEnd();
    return this;
  }

  private void stopListening() {
    Channel channel = listening;
    if (channel != null) {
      ChannelFuture _ = channel.close();
    }
  }

  private void noteEnd() {
    if (isShutdown && open.isEmpty()) {
      terminated.countDown();
    }
  }

  @Override
  public Server shutdownNow() {
    isShutdown = true;
    stopListening();
    open.forEach(Connection::closeSoon);
    noteEnd();
    return this;
  }

  @Override
  public boolean isShutdown() {
    return isShutdown;
  }

  @Override
  public boolean isTerminated() {
    return terminated.getCount() == 0;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }

  @Override
  public void awaitTermination() throws InterruptedException {
    terminated.await();
  }
}
