package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.page.PageConnection;
import ai.llmd.epp.adapter.metrics.page.PageReading;
import ai.llmd.epp.adapter.metrics.page.PageSource;
import ai.llmd.epp.adapter.metrics.page.ScrapeTarget;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls one source of one endpoint, tick by tick, and publishes the result. One event loop owns it.
 *
 * <p>At most one poll is under way; what falls due meanwhile is dropped. A poll that ends with the
 * connection gone, other than by the server's orderly close, makes the next one wait: a tick first,
 * twice as long each time, a second at most. So does an answer of any kind that is much longer than
 * pages are: a server that sends megabytes does not delay the others that the same loop reads.
 */
final class EndpointPoll implements PageConnection.Listener, PageReading.Problems {

  private static final Logger log = LoggerFactory.getLogger(EndpointPoll.class);
  private static final long MAX_BACKOFF_NANOS = 1_000_000_000L;
  private static final int MAX_REDIRECTS = 3;

  /** Of one endpoint 16 MiB are read in a second: up to 847 KB may come every 50 ms. */
  private static final long NANOS_PER_BYTE = 1_000_000_000L >> 24;

  private final ScrapeLoop loop;
  private final ScrapedSource bound;
  private final EndpointState state;
  private final List<LoadReading> readings;
  private final PageReading page;
  private final int ticksPerPoll;
  private final boolean isServingPort; // where requests are sent is what is polled

  private @Nullable PageConnection connection;
  private boolean isBusy;
  private boolean isClosed;
  private boolean isFailing;
  private boolean mayHurry; // once for each poll that was due
  private boolean hasRetried;
  private int redirects;
  private long receivedBytes; // by this poll, redirects and all
  private int ticksLeft;
  private int drops;
  private int problemsOfReading;
  private long startedAtNanos;
  private long retryAtNanos;

  EndpointPoll(
      ScrapeLoop loop, ScrapedSource bound, EndpointState state, List<LoadReading> readings) {
    this.loop = loop;
    this.bound = bound;
    this.state = state;
    this.readings = readings;
    this.page = bound.reading(loop, state, readings);
    double interval = bound.source().interval().toNanos();
    long ticks = Math.round(interval / loop.settings().tick().toNanos());
    this.ticksPerPoll = (int) Math.clamp(ticks, 1, Integer.MAX_VALUE);
    this.retryAtNanos = loop.nowNanos();
    Endpoint endpoint = state.endpoint();
    this.isServingPort = bound.source().authority(endpoint).equals(endpoint.hostPort());
  }

  /** Whether this poll would look the same for the endpoint as it is described now. */
  boolean suits(Endpoint before, Endpoint now) {
    return bound.source().authority(before).equals(bound.source().authority(now))
        && readings.equals(bound.readings(now));
  }

  /**
   * Starts a poll when one is due.
   *
   * @param ticks ticks that have passed since the last call
   */
  void tick(long nowNanos, int ticks) {
    ticksLeft = Math.max(0, ticksLeft - ticks);
    if (isBusy) {
      if (nowNanos - startedAtNanos >= loop.settings().timeout().toNanos()) {
        if (isServingPort) {
          loop.polls().unanswered(state);
        }
        drop("no complete answer within " + loop.settings().timeout());
      }
    } else if (ticksLeft == 0 && nowNanos - retryAtNanos >= 0) {
      mayHurry = true;
      begin(nowNanos);
    }
  }

  /** Starts a poll now, unless one is under way. */
  void pollNow(long nowNanos) {
    ticksLeft = 0;
    tick(nowNanos, 0);
  }

  /** Polls and publishes no more. */
  void close() {
    isClosed = true;
    dropConnection();
  }

  private void begin(long nowNanos) {
    ticksLeft = ticksPerPoll;
    isBusy = true;
    hasRetried = false;
    redirects = 0;
    startedAtNanos = nowNanos;
    receivedBytes = 0;
    ask(bound.source().path());
  }

  private void ask(String path) {
    page.begin();
    if (connection != null && connection.isUsable()) {
      connection.get(path);
      return;
    }
    PageSource source = bound.source();
    try {
      String scheme = source.tls() == null ? "http" : "https";
      ScrapeTarget target = ScrapeTarget.parse(scheme, source.authority(state.endpoint()));
      PageConnection fresh =
          new PageConnection(target, source.mediaType(), loop.settings().maxPageBytes(), this);
      connection = fresh;
      fresh.get(path); // before connecting, which may fail at once
      fresh.open(loop.bootstrap(), source.tls());
    } catch (RuntimeException e) { // no address, or a stranger's source that throws
      drop(e.toString());
    }
  }

  @Override
  public void received(int bytes) {
    receivedBytes += bytes;
  }

  @Override
  public void content(ByteBuf part) {
    if (!page.take(part)) {
      drop(page.failure());
    }
  }

  @Override
  public void finished() {
    if (!page.end()) {
      drop(page.failure());
      return;
    }
    endPoll();
    drops = 0;
    noteAnswer();
    if (isFailing) {
      isFailing = false;
      loop.reports().recovered(state.endpoint().id().toString());
    }
    problemsOfReading = 0;
    if (page.publish(this)) {
      loop.polls().sampled(state);
    }
  }

  @Override
  public void redirected(String path) {
    if (++redirects > MAX_REDIRECTS) {
      failed("more than " + MAX_REDIRECTS + " redirects", PageConnection.Failure.REFUSED);
    } else {
      ask(path);
    }
  }

  @Override
  public void failed(String reason, PageConnection.Failure kind) {
    switch (kind) {
      case REFUSED -> {
        endPoll();
        noteAnswer();
        count(reason);
      }
      case NOT_LISTENING -> {
        if (isServingPort) {
          loop.polls().refused(state);
        }
        drop(reason);
      }
      case UNREACHABLE -> {
        if (isServingPort) {
          loop.polls().unreachable(state);
        }
        drop(reason);
      }
      case BROKEN -> drop(reason);
      case UNANSWERED -> {
        lost();
        if (hasRetried) {
          drop(reason);
        } else {
          hasRetried = true;
          ask(bound.source().path());
        }
      }
    }
  }

  @Override
  public void lost() {
    if (isServingPort) {
      loop.polls().lost(state);
    }
    if (!isBusy && !isClosed && mayHurry) { // is the process gone? the next tick may be far away
      mayHurry = false;
      begin(loop.nowNanos());
    }
  }

  private void noteAnswer() {
    if (isServingPort) {
      loop.polls().answered(state);
    }
  }

  /** Gives the poll up together with its connection. */
  private void drop(@Nullable String reason) {
    dropConnection();
    endPoll();
    long backoff = loop.settings().tick().toNanos() << Math.min(drops, 20);
    long retry = loop.nowNanos() + Math.min(backoff, MAX_BACKOFF_NANOS);
    retryAtNanos = later(retryAtNanos, retry);
    drops++;
    count(reason);
  }

  /** The next poll waits for what this one received, beside what the one before still waits for. */
  private void endPoll() {
    isBusy = false;
    retryAtNanos = later(retryAtNanos, startedAtNanos) + receivedBytes * NANOS_PER_BYTE;
  }

  private static long later(long oneNanos, long otherNanos) {
    return oneNanos + Math.max(0, otherNanos - oneNanos);
  }

  private void dropConnection() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  private void count(@Nullable String reason) {
    if (isClosed) {
      return;
    }
    loop.observer().pollError(bound.source().type());
    if (!isFailing) {
      isFailing = true;
      loop.reports().failing(state.endpoint().id().toString(), String.valueOf(reason));
    } else {
      log.atDebug()
          .addKeyValue("endpoint", state.endpoint().id())
          .addKeyValue("reason", reason)
          .log("poll failed");
    }
  }

  @Override
  public void add(String sentence) {
    problemsOfReading++;
    log.atDebug()
        .addKeyValue("endpoint", state.endpoint().id())
        .addKeyValue("reason", sentence)
        .log("extraction incomplete");
  }

  @Override
  public void end(int extractor) {
    if (problemsOfReading > 0) {
      loop.observer().extractError(bound.source().type(), bound.extractors().get(extractor).type());
    }
    problemsOfReading = 0;
  }
}
