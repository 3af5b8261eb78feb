package ai.llmd.epp.adapter.extproc.health;

import ai.llmd.epp.adapter.extproc.server.EventLoops;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The health service on a plaintext port of its own, with one thread of its own. */
public final class HealthServer implements AutoCloseable {

  private static final int MAX_QUESTION = 4 << 10;
  private static final int MAX_QUESTIONS = 100;

  /** Who asks no more makes room for who does. */
  private static final Duration MAX_IDLE = Duration.ofSeconds(60);

  private final EventLoops loops;
  private final Server server;

  private HealthServer(EventLoops loops, Server server) {
    this.loops = loops;
    this.server = server;
  }

  /**
   * Serves at once.
   *
   * @param port 0 for a free one
   * @throws IOException when the port is taken, naming it
   */
  public static HealthServer start(int port, Readiness readiness) throws IOException {
    EventLoops loops = EventLoops.named("health", 1);
    try {
      Server server =
          EventLoops.bind(
              loops
                  .serve(NettyServerBuilder.forAddress(new InetSocketAddress(port)))
                  .maxInboundMessageSize(MAX_QUESTION)
                  .maxConcurrentCallsPerConnection(MAX_QUESTIONS)
                  .maxConnectionIdle(MAX_IDLE.toSeconds(), TimeUnit.SECONDS)
                  .addService(new HealthService(readiness)),
              "health port",
              port);
      return new HealthServer(loops, server);
    } catch (IOException | RuntimeException e) {
      loops.stop();
      throw e;
    }
  }

  /** The port that is served. */
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    loops.stop();
  }
}
