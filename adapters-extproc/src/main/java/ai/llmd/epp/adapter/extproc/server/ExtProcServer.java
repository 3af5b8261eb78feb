package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.transport.LeanServer;
import ai.llmd.epp.adapter.extproc.transport.TransportRules;
import ai.llmd.epp.application.port.in.LendParts;
import ai.llmd.epp.tls.CertificateStatus;
import ai.llmd.epp.tls.ServerIdentity;
import ai.llmd.epp.tls.TlsSettings;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code envoy.service.ext_proc.v3.ExternalProcessor} on one port. Streams run on its event
 * loops, one per processor.
 */
public final class ExtProcServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ExtProcServer.class);

  /** A usual prompt arrives without a pause for acknowledgement. */
  private static final int STREAM_WINDOW = 256 << 10;

  /**
   * A stream waits while its answers are not taken, and while others have their turn. What it has
   * sent by then must not keep those from sending who share its connection: with Envoy, all clients
   * of one of its threads. GRPC's own server knows one window only, and has a stream's for both.
   */
  private static final int CONNECTION_WINDOW = 8 * STREAM_WINDOW;

  /** Of a connection at one go, before the event loop turns to the next one. */
  private static final int READ_BYTES = 32 << 10;

  private static final int READS = 2;

  /** Envoy may be configured to ping every second, to notice a dead picker fast. */
  private static final Duration MIN_KEEPALIVE = Duration.ofMillis(500);

  /** A gateway that vanished is noticed by a ping without an answer, and its streams end. */
  private static final Duration QUIET_BEFORE_PING = Duration.ofSeconds(60);

  private static final Duration MAX_PING_WAIT = Duration.ofSeconds(20);

  /**
   * What the server listens to.
   *
   * @param port 0 for a free one; every interface is served
   * @param maxMessageBytes most bytes of one gRPC message received
   * @param tls null for plaintext
   * @param checksHealth whether the port also answers {@code grpc.health.v1.Health}, always well
   * @param transport what carries the conversations
   */
  public record Settings(
      int port,
      int maxMessageBytes,
      @Nullable TlsSettings tls,
      boolean checksHealth,
      NetworkLimits network,
      ConnectionLimits connections,
      Transport transport) {

    /** gRPC's own limit for one message, in bytes. */
    public static final int DEFAULT_MESSAGE_BYTES = 4 << 20;

    public Settings {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port must be within 0 and 65535, was " + port);
      }
      if (maxMessageBytes < 1) {
        throw new IllegalArgumentException(
            "maxMessageBytes must be 1 or more, was " + maxMessageBytes);
      }
    }

    /** By the server made for it. */
    public Settings(
        int port,
        int maxMessageBytes,
        @Nullable TlsSettings tls,
        boolean checksHealth,
        NetworkLimits network,
        ConnectionLimits connections) {
      this(port, maxMessageBytes, tls, checksHealth, network, connections, Transport.LEAN);
    }

    /** The same by another transport. */
    public Settings by(Transport other) {
      return new Settings(port, maxMessageBytes, tls, checksHealth, network, connections, other);
    }

    /** Plaintext with gRPC's own limit. */
    public static Settings plaintext(int port) {
      return new Settings(
          port,
          DEFAULT_MESSAGE_BYTES,
          null,
          false,
          NetworkLimits.DEFAULT,
          ConnectionLimits.DEFAULT);
    }
  }

  private final EventLoops loops;
  private final ExecutorService beside;
  private final ExtProcService service;
  private final @Nullable ServerTls tls;
  private final Server server;

  private ExtProcServer(
      EventLoops loops,
      ExecutorService beside,
      ExtProcService service,
      @Nullable ServerTls tls,
      Server server) {
    this.loops = loops;
    this.beside = beside;
    this.service = service;
    this.tls = tls;
    this.server = server;
  }

  /** Begins, on a thread of its own, with what takes seconds: a certificate that is self-signed. */
  public static Preparation prepare(Settings settings) {
    boolean isSelfSigned = settings.tls() != null && settings.tls().certificateDirectory() == null;
    return new Preparation(settings, isSelfSigned ? PendingIdentity.begin() : null);
  }

  /** A server that is not served yet. */
  public static final class Preparation {

    private final Settings settings;
    private final @Nullable PendingIdentity selfSigned;

    private Preparation(Settings settings, @Nullable PendingIdentity selfSigned) {
      this.settings = settings;
      this.selfSigned = selfSigned;
    }

    /**
     * Serves once the certificate is there.
     *
     * @param lender of the parts of every stream
     * @throws IOException when the port is taken, naming it, or the certificate cannot be read or
     *     made
     * @throws IllegalArgumentException when a cipher suite is not known
     */
    public ExtProcServer start(LendParts<ExtProcParts> lender) throws IOException {
      return ExtProcServer.start(settings, new InetSocketAddress(settings.port()), lender, tls());
    }

    /**
     * Serves the same way, for this machine alone and on a free port: what a program exercises
     * itself by.
     *
     * @param lender of the parts of every stream
     * @throws IOException as {@link #start}
     */
    public ExtProcServer startForRehearsal(LendParts<ExtProcParts> lender) throws IOException {
      return ExtProcServer.start(
          settings, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), lender, tls());
    }

    private @Nullable ServerTls tls() throws IOException {
      TlsSettings tls = settings.tls();
      return tls == null ? null : ServerTls.of(tls, identity(tls.certificateDirectory()));
    }

    private ServerIdentity identity(@Nullable Path directory) throws IOException {
      return directory == null
          ? Objects.requireNonNull(selfSigned, "begun by prepare").await()
          : ServerIdentity.read(directory);
    }
  }

  private static ExtProcServer start(
      Settings settings,
      InetSocketAddress address,
      LendParts<ExtProcParts> lender,
      @Nullable ServerTls tls)
      throws IOException {
    EventLoops loops = EventLoops.named("extproc", 0);
    ExecutorService beside = largeBodies();
    ConnectionRoom room =
        new ConnectionRoom(
            new BufferedBytes(lender.current().limits().bufferedBytes()),
            new BufferedBytes(settings.network().incompleteBytes()),
            new ResetCount());
    BufferedBytes unwritten = new BufferedBytes(settings.network().unwrittenBytes());
    ExtProcService service =
        new ExtProcService(lender, loops, room, unwritten, settings.connections(), beside);
    try {
      Server made =
          switch (settings.transport()) {
            case GRPC_JAVA -> builder(settings, address, loops, service, room, tls).build();
            case LEAN ->
                lean(
                    settings,
                    address,
                    loops,
                    service,
                    room,
                    lender.current().limits().streams(),
                    tls);
          };
      Server server = EventLoops.bind(made, "gRPC port", address.getPort());
      return new ExtProcServer(loops, beside, service, tls, server);
    } catch (IOException | RuntimeException e) {
      beside.shutdown();
      loops.stop();
      close(tls);
      throw e;
    }
  }

  /** Threads for large bodies; those that wait are within the limit of all buffered bytes. */
  private static ExecutorService largeBodies() {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return Executors.newFixedThreadPool(
        threads, Thread.ofPlatform().name("large-body-", 0).daemon().factory());
  }

  private static NettyServerBuilder builder(
      Settings settings,
      InetSocketAddress address,
      EventLoops loops,
      ExtProcService service,
      ConnectionRoom room,
      @Nullable ServerTls tls) {
    NettyServerBuilder builder =
        loops
            .serve(NettyServerBuilder.forAddress(address))
            .maxInboundMessageSize(settings.maxMessageBytes())
            .flowControlWindow(STREAM_WINDOW)
            .maxConcurrentCallsPerConnection(settings.connections().streams())
            .maxRstFramesPerWindow(
                settings.connections().resets(), ConnectionLimits.RESET_WINDOW_SECONDS)
            .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, inTurns())
            .permitKeepAliveTime(MIN_KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(QUIET_BEFORE_PING.toSeconds(), TimeUnit.SECONDS)
            .keepAliveTimeout(MAX_PING_WAIT.toSeconds(), TimeUnit.SECONDS)
            .addTransportFilter(ConnectionRoom.sharing(room))
            .addStreamTracerFactory(IncomingMessages.counting(room.incoming()))
            .intercept(new GzipAnswers())
            .addService(service);
    if (tls != null) {
      builder.sslContext(tls.context());
    }
    if (settings.checksHealth()) {
      builder.addService(alwaysServing());
    }
    return builder;
  }

  private static Server lean(
      Settings settings,
      InetSocketAddress address,
      EventLoops loops,
      ExtProcService service,
      ConnectionRoom room,
      int maxConnections,
      @Nullable ServerTls tls) {
    List<ServerServiceDefinition> services = new ArrayList<>();
    services.add(ServerInterceptors.intercept(service, new GzipAnswers()));
    if (settings.checksHealth()) {
      services.add(alwaysServing().bindService());
    }
    return new LeanServer(
        new LeanServer.Settings(
            address,
            tls == null ? null : tls.context(),
            services,
            IncomingMessages.counting(room.incoming()),
            ConnectionRoom.sharing(room),
            room.incoming(),
            maxConnections,
            rules(settings)),
        loops.group(),
        loops.channelType(),
        inTurns());
  }

  private static TransportRules rules(Settings settings) {
    return new TransportRules(
        settings.maxMessageBytes(),
        STREAM_WINDOW,
        CONNECTION_WINDOW,
        settings.connections().streams(),
        settings.connections().resets(),
        Duration.ofSeconds(ConnectionLimits.RESET_WINDOW_SECONDS),
        MIN_KEEPALIVE,
        QUIET_BEFORE_PING,
        MAX_PING_WAIT);
  }

  private static RecvByteBufAllocator inTurns() {
    return new AdaptiveRecvByteBufAllocator(64, 2048, READ_BYTES).maxMessagesPerRead(READS);
  }

  private static BindableService alwaysServing() {
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus(ExternalProcessorGrpc.SERVICE_NAME, ServingStatus.SERVING);
    return health.getHealthService();
  }

  /** The port that is served. */
  public int port() {
    return server.getPort();
  }

  /** The certificate of its folder; null without one. */
  public @Nullable CertificateStatus certificate() {
    return tls == null ? null : tls.certificate();
  }

  /** Streams open now. */
  public int openStreams() {
    return service.openStreams();
  }

  /** Bytes of bodies, and of answers that wait, held now over all streams. */
  public long bufferedBytes() {
    return service.bufferedBytes();
  }

  /**
   * How many streams were given up, by reason: {@code slow}, {@code unread}, {@code memory}; and
   * connections for their {@code resets}.
   */
  public Map<String, Long> givenUp() {
    return service.givenUp();
  }

  /** Bytes in the network's memory: of messages that are not complete, and of unread answers. */
  public long networkBytes() {
    return service.networkBytes();
  }

  /**
   * Takes no new stream, waits for the open ones and stops. Streams that are open after the wait
   * are cancelled; an interrupt ends the wait.
   */
  public void stop(Duration longestWait) {
    server.shutdown();
    try {
      if (!server.awaitTermination(longestWait.toNanos(), TimeUnit.NANOSECONDS)) {
        log.atWarn().addKeyValue("streams", openStreams()).log("open streams are cancelled");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  /** Stops at once and cancels open streams. */
  @Override
  public void close() {
    server.shutdownNow();
    beside.shutdown();
    loops.stop();
    close(tls);
  }

  private static void close(@Nullable ServerTls tls) {
    if (tls != null) {
      tls.close();
    }
  }
}
