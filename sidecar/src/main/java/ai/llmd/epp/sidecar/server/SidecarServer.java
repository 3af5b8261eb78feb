package ai.llmd.epp.sidecar.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ai.llmd.epp.sidecar.cli.SidecarSettings;
import ai.llmd.epp.sidecar.cli.SidecarSettings.Stage;
import ai.llmd.epp.sidecar.connector.Connectors;
import ai.llmd.epp.sidecar.connector.Decoder;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.edge.InFlight;
import ai.llmd.epp.sidecar.edge.Listener;
import ai.llmd.epp.sidecar.leg.Api;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.metrics.MeteredHandler;
import ai.llmd.epp.sidecar.metrics.MetricsPage;
import ai.llmd.epp.sidecar.metrics.SidecarMeters;
import ai.llmd.epp.sidecar.pool.KubernetesApi;
import ai.llmd.epp.sidecar.pool.PoolHosts;
import ai.llmd.epp.sidecar.pool.PoolName;
import ai.llmd.epp.sidecar.proxy.PlainProxy;
import ai.llmd.epp.sidecar.route.AllowedHosts;
import ai.llmd.epp.sidecar.route.HostList;
import ai.llmd.epp.sidecar.route.Routes;
import ai.llmd.epp.sidecar.trace.SidecarTracer;
import ai.llmd.epp.sidecar.upstream.LegStage;
import ai.llmd.epp.sidecar.upstream.Target;
import ai.llmd.epp.sidecar.upstream.Upstreams;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sidecar that runs: a port for each data-parallel rank, all on as many event loops as there are
 * processors. Any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
public final class SidecarServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SidecarServer.class);
  private static final Duration LONGEST_POOL_WAIT = Duration.ofSeconds(60);
  private static final String LOCALHOST = "localhost";

  private final SidecarSettings settings;
  private final EventLoopGroup loops;
  private final Upstreams upstreams;
  private final Certificates certificates;
  private final SidecarMeters meters = new SidecarMeters();
  private final SidecarTracer tracer;
  private final InFlight inFlight = new InFlight();
  private final List<Listener> listeners = new ArrayList<>();
  private @Nullable Listener metricsPort; // null when there is none
  private @Nullable PoolHosts poolHosts; // null when no pool is followed

  private SidecarServer(SidecarSettings settings, Certificates certificates) {
    this.settings = settings;
    this.certificates = certificates;
    this.tracer = tracer(settings, meters);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.upstreams =
        Upstreams.on(
            loops,
            Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class,
            settings.maxIdlePerHost(),
            meters);
  }

  /**
   * Opens the ports; requests are answered when this returns.
   *
   * @throws IOException when a port or a certificate cannot be had; nothing is left running
   */
  public static SidecarServer start(SidecarSettings settings) throws IOException {
    SidecarServer server = new SidecarServer(settings, Certificates.of(settings));
    try {
      server.open();
      return server;
    } catch (IOException | RuntimeException failed) {
      server.close();
      throw failed;
    }
  }

  private void open() throws IOException {
    SslContext decoderTls = Certificates.towards(Stage.DECODER, settings);
    Stages stages =
        new Stages(
            Certificates.towards(Stage.PREFILLER, settings),
            Certificates.towards(Stage.ENCODER, settings));
    AllowedHosts allowed = allowedHosts();
    PodHosts podHosts =
        PodHosts.of(settings.connectors().mori(), InetAddress::getAllByName, meters.names());
    for (int rank = 0; rank < settings.ranks(); rank++) {
      Legs legs = new Legs(upstreams);
      Decoder decoder =
          new Decoder(
              legs, decoder(rank, decoderTls), rank == 0 ? ranksByHeader(decoderTls) : Map.of());
      int port = settings.port() == 0 ? 0 : settings.port() + rank;
      Connectors connectors =
          Connectors.of(
              settings.connectors(), legs, stages, decoder, port, podHosts, meters::prefilledHere);
      Routes routes =
          new Routes(
              new PlainProxy(upstreams),
              connectors,
              decoder,
              allowed,
              settings.isSampled(),
              settings.connectors().usesSources(),
              tracer);
      listeners.add(
          Listener.open(
              port,
              loops,
              Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class,
              certificates.server(),
              new MeteredHandler(routes, meters, SidecarServer::api),
              inFlight));
    }
    openMetrics();
  }

  private static SidecarTracer tracer(SidecarSettings settings, SidecarMeters meters) {
    Map<String, String> environment = settings.traceEnvironment();
    if (environment == null) {
      return SidecarTracer.OFF;
    }
    String version = SidecarServer.class.getPackage().getImplementationVersion();
    return SidecarTracer.start(
        environment,
        meters.spans(),
        settings.connectors().names(),
        version == null ? "unknown" : version);
  }

  private AllowedHosts allowedHosts() throws IOException {
    List<String> hosts = settings.allowedHosts();
    if (hosts == null) {
      return AllowedHosts.all();
    }
    PoolName pool = settings.pool();
    if (pool == null) {
      return new HostList(hosts);
    }
    poolHosts =
        PoolHosts.follow(KubernetesApi.ofThisCluster(System.getenv()), pool, LONGEST_POOL_WAIT);
    return new HostList(hosts).or(poolHosts);
  }

  /** One of a few names. */
  private static String api(Exchange exchange) {
    Api api = Api.of(Call.pathOf(exchange.request().uri()));
    return api == null ? "other" : api.kind();
  }

  private void openMetrics() throws IOException {
    Integer port = settings.metricsPort();
    if (port != null) {
      metricsPort =
          Listener.open(
              port,
              loops,
              Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class,
              null,
              new MetricsPage(meters),
              new InFlight());
    }
  }

  private Target decoder(int rank, @Nullable SslContext tls) {
    return new Target(LOCALHOST, settings.modelServerPort() + rank, LegStage.DECODE, tls);
  }

  /** By what a deprecated header of the picker says: this pod's address with each rank's port. */
  private Map<String, Target> ranksByHeader(@Nullable SslContext tls) {
    Map<String, Target> ranks = new HashMap<>();
    for (int rank = 0; rank < settings.ranks(); rank++) {
      ranks.put(settings.connectors().podIp() + ":" + (settings.port() + rank), decoder(rank, tls));
    }
    return ranks;
  }

  /** The ports, in the order of the ranks. */
  public List<Integer> ports() {
    return listeners.stream().map(Listener::port).toList();
  }

  /** Exchanges under way. */
  public int inFlight() {
    return inFlight.count();
  }

  /**
   * Accepts nothing more, and waits until what is under way has ended.
   *
   * @return whether it has
   */
  public boolean drain(Duration longest) throws InterruptedException {
    inFlight.stop();
    listeners.forEach(Listener::stopAccepting);
    boolean isDrained = inFlight.awaitNone(longest);
    log.atInfo().addKeyValue("broken_off", inFlight.count()).log("drained");
    return isDrained;
  }

  /** Closes all ports and connections. */
  @Override
  public void close() {
    listeners.forEach(Listener::close);
    if (metricsPort != null) {
      metricsPort.close();
    }
    if (poolHosts != null) {
      poolHosts.close();
    }
    certificates.close();
    tracer.close();
    loops.shutdownGracefully(0, 500, MILLISECONDS).awaitUninterruptibly(1000, MILLISECONDS);
  }
}
