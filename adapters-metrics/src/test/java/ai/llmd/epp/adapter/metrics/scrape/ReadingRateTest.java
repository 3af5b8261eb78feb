package ai.llmd.epp.adapter.metrics.scrape;

import static ai.llmd.epp.adapter.metrics.scrape.Scraping.CORE;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SETTINGS;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.metrics.report.PollReports;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Of one server 16 MiB are read in a second, whatever they are, by the clock of the test. */
class ReadingRateTest {

  private static final int BYTES_PER_SECOND = 16 << 20;

  private final Scraping scraping = new Scraping();
  private final FakeModelServer server = scraping.server;
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop eventLoop = group.next();
  private final AtomicLong now = new AtomicLong();
  private final CountedSource source = new CountedSource(new AtomicInteger());
  private final EndpointState endpoint = server.endpoint(0);
  private final EndpointPoll poll = poll();

  private EndpointPoll poll() {
    ScrapedSource bound = new ScrapedSource(source, List.of(CORE));
    ScrapeLoop loop =
        new ScrapeLoop(
            eventLoop,
            NioSocketChannel.class,
            DefaultAddressResolverGroup.INSTANCE,
            SETTINGS,
            List.of(bound),
            scraping.observer,
            scraping.polls,
            new PollReports(now::get),
            new RequestActivity(0, 0, () -> {}),
            scraping.pauses,
            now::get);
    return new EndpointPoll(loop, bound, endpoint, bound.readings(endpoint.endpoint()));
  }

  @AfterEach
  void close() throws Exception {
    eventLoop.submit(poll::close).get();
    scraping.close();
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** What one poll gets, to each of its GETs. */
  enum Answers {
    PAGE("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n".formatted(1 << 20), body(), 1),
    CUT_OFF("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n".formatted(2 << 20), body(), 1),
    ERROR("HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n".formatted(1 << 20), body(), 1),
    REDIRECTS(
        "HTTP/1.1 302 There\r\nLocation: /x\r\nContent-Length: %d\r\n\r\n".formatted(1 << 20),
        body(),
        4),
    CHUNKS(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ("1;" + "x".repeat(1019) + "\r\n#\r\n").repeat(1024) + "0\r\n\r\n",
        1),
    INTERIM_ANSWERS(
        "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(40_000),
        "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        1);

    private final String text;
    private final int gets;

    Answers(String beginning, String rest, int gets) {
      this.text = beginning + rest;
      this.gets = gets;
    }

    private static String body() {
      return "# line of 16 B.\n".repeat(1 << 16);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whateverIsReadCounts(Answers answers) throws Exception {
    server.answer(
        (path, out) -> FakeModelServer.write(out, answers.text) && answers != Answers.CUT_OFF);

    assertThat(beginsAt(1)).isTrue();
    await().until(() -> scraping.polls.answered.get() + scraping.observer.pollErrors.get() > 0);

    assertThat(server.requests).hasValue(answers.gets);
    assertWaits(1, (long) answers.gets * answers.text.length());
  }

  @Test
  void theTimeThatTheAnswerTakesIsPartOfTheWait() throws Exception {
    Duration answering = Duration.ofMillis(100);
    String page = FakeModelServer.page(1) + Answers.body();
    server.answer(
        (path, out) -> {
          now.addAndGet(answering.toNanos());
          return FakeModelServer.ok(out, page);
        });

    assertThat(beginsAt(1)).isTrue();
    await().until(() -> scraping.polls.sampled.get() == 1);

    assertThat(nanosFor(page.length())).isLessThan(answering.toNanos());
    assertThat(beginsAt(1 + answering.toNanos())).isTrue();
  }

  @Test
  void aPollThatAClosedConnectionHastensCountsBesideTheOneBefore() throws Exception {
    String page = FakeModelServer.page(1) + Answers.body();
    server.answer((path, out) -> !FakeModelServer.ok(out, page));

    assertThat(beginsAt(1)).isTrue();
    await().until(() -> scraping.polls.sampled.get() == 2);

    assertWaits(1, 2L * page.length());
  }

  private void assertWaits(long fromNanos, long bytes) throws Exception {
    long nanos = nanosFor(bytes);
    assertThat(beginsAt(fromNanos + nanos / 100 * 98)).isFalse();
    assertThat(beginsAt(fromNanos + nanos)).isTrue();
  }

  private static long nanosFor(long bytes) {
    return bytes * 1_000_000_000L / BYTES_PER_SECOND;
  }

  /** Whether the tick at this time begins a poll. */
  private boolean beginsAt(long nanos) throws Exception {
    return eventLoop
        .submit(
            () -> {
              now.set(nanos);
              int before = source.begun.get();
              poll.tick(nanos, 1);
              return source.begun.get() > before;
            })
        .get();
  }

  /** The usual source; counts the polls that begin. */
  private record CountedSource(AtomicInteger begun) implements MetricsDataSource {

    @Override
    public String type() {
      return SOURCE.type();
    }

    @Override
    public Duration interval() {
      return SOURCE.interval();
    }

    @Override
    public String authority(Endpoint endpoint) {
      return SOURCE.authority(endpoint);
    }

    @Override
    public String path() {
      begun.incrementAndGet();
      return SOURCE.path();
    }

    @Override
    public @Nullable SslContext tls() {
      return null;
    }
  }
}
