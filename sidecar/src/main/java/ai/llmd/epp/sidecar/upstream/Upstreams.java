package ai.llmd.epp.sidecar.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashMap;
import java.util.Map;

/** The connections to all model servers. Each event loop has its own, so that none is shared. */
public final class Upstreams {

  private final Map<EventExecutor, ConnectionPool> pools;

  private Upstreams(Map<EventExecutor, ConnectionPool> pools) {
    this.pools = Map.copyOf(pools);
  }

  /**
   * Makes none yet.
   *
   * @param maxIdlePerHost connections kept to each server, over all loops; at least one a loop
   */
  public static Upstreams on(
      EventLoopGroup loops,
      Class<? extends SocketChannel> channels,
      int maxIdlePerHost,
      LegObserver observer) {
    Map<EventExecutor, ConnectionPool> pools = new HashMap<>();
    int count = 0;
    for (EventExecutor ignored : loops) {
      count++;
    }
    int each = Math.max(1, maxIdlePerHost / Math.max(1, count));
    for (EventExecutor loop : loops) {
      pools.put(loop, new ConnectionPool((EventLoop) loop, channels, each, observer));
    }
    return new Upstreams(pools);
  }

  /** Asks a model server. To be called on the loop, on which the listener is called, too. */
  public Leg ask(EventLoop loop, Target target, LegRequest request, LegListener listener) {
    ConnectionPool pool = pools.get(loop);
    if (pool == null) {
      throw new IllegalArgumentException("not one of the loops");
    }
    Leg leg = new Leg(pool, target, request, listener);
    pool.begin(leg, target);
    return leg;
  }
}
