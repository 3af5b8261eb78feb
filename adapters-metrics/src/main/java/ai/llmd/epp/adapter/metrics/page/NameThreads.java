package ai.llmd.epp.adapter.metrics.page;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Resolves the names of hosts on threads of its own: a name server that does not answer holds up no
 * event loop. What is found is remembered by the JDK. The threads end when nothing is asked.
 */
public final class NameThreads extends AddressResolverGroup<InetSocketAddress> {

  private static final int MAX_THREADS = 2;
  private static final int MAX_WAITING = 1000;
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          MAX_THREADS,
          MAX_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_WAITING),
          new DefaultThreadFactory("epp-names", true));

  /** Starts no thread yet. */
  public NameThreads() {
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new InetSocketAddressResolver(executor, new Names(executor));
  }

  private final class Names extends InetNameResolver {

    Names(EventExecutor executor) {
      super(executor);
    }

    @Override
    protected void doResolve(String name, Promise<InetAddress> promise) {
      doAside(promise, () -> promise.trySuccess(InetAddress.getByName(name)));
    }

    @Override
    protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
      doAside(promise, () -> promise.trySuccess(List.of(InetAddress.getAllByName(name))));
    }

    private void doAside(Promise<?> promise, Lookup lookup) {
      try {
        threads.execute(
            () -> {
              try {
                lookup.run();
              } catch (UnknownHostException | RuntimeException e) {
                promise.tryFailure(e);
              }
            });
      } catch (RejectedExecutionException e) { // too many names wait already
        promise.tryFailure(e);
      }
    }
  }

  private interface Lookup {

    void run() throws UnknownHostException;
  }

  @Override
  public void close() {
    super.close();
    threads.shutdownNow();
  }
}
