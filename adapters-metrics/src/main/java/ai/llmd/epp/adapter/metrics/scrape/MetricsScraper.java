package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.page.NameThreads;
import ai.llmd.epp.adapter.metrics.report.PollReports;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Scrapes the model servers of a pool: every tick one page of each, over one connection that stays
 * open, published as the endpoint's load with one write. A server that is slow, broken or gone
 * loses only its own fresh numbers; its last sample stays.
 *
 * <p>While no request comes for a minute, endpoints are polled once a second; the first request
 * brings the usual tick back and polls all at once.
 *
 * <p>Has its own threads from construction until {@link #close}. The pool adds and removes
 * endpoints.
 */
public final class MetricsScraper implements PoolObserver, AutoCloseable {

  private static final long CLOSE_TIMEOUT_MILLIS = 2000;

  private final EventLoopGroup group;
  private final NameThreads names = new NameThreads();
  private final List<ScrapeLoop> loops = new ArrayList<>();
  private final RequestActivity activity;

  /**
   * @param sources what to scrape of every endpoint; one connection each
   * @param polls receives whether endpoints can be connected to
   * @param pauses notified while endpoints are polled less often
   * @param nanoClock {@link System#nanoTime} outside of tests
   */
  public MetricsScraper(
      ScrapeSettings settings,
      List<ScrapedSource> sources,
      ScrapeObserver observer,
      NotePolls polls,
      ScrapePauses pauses,
      LongSupplier nanoClock) {
    boolean hasEpoll = Epoll.isAvailable();
    IoHandlerFactory handlers = hasEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends SocketChannel> channel =
        hasEpoll ? EpollSocketChannel.class : NioSocketChannel.class;
    group =
        new MultiThreadIoEventLoopGroup(
            settings.eventLoops(), new DefaultThreadFactory("epp-scrape", true), handlers);
    activity =
        new RequestActivity(
            settings.idleAfter().toNanos(),
            nanoClock.getAsLong(),
            () -> loops.forEach(ScrapeLoop::wake));
    PollReports reports = new PollReports(nanoClock);
    for (int i = 0; i < settings.eventLoops(); i++) {
      ScrapeLoop loop =
          new ScrapeLoop(
              group.next(),
              channel,
              names,
              settings,
              List.copyOf(sources),
              observer,
              polls,
              reports,
              activity,
              pauses,
              nanoClock);
      loops.add(loop);
      loop.start();
    }
  }

  /** Records that a request came. Any thread; one read, and now and then a write. */
  public void requestSeen() {
    activity.requestSeen();
  }

  @Override
  public void added(EndpointState endpoint) {
    loopOf(endpoint).add(endpoint);
  }

  @Override
  public void changed(EndpointState endpoint) {
    loopOf(endpoint).change(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    loopOf(endpoint).remove(endpoint, released);
  }

  /** Closes all connections and ends the threads; returns after two seconds at the latest. */
  @Override
  public void close() {
    loops.forEach(ScrapeLoop::stop);
    group
        .shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    names.close();
  }

  private ScrapeLoop loopOf(EndpointState endpoint) {
    return loops.get(endpoint.slot() % loops.size());
  }
}
