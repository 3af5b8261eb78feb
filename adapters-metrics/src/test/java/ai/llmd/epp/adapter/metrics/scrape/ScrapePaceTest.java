package ai.llmd.epp.adapter.metrics.scrape;

import static ai.llmd.epp.adapter.metrics.scrape.Scraping.CORE;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SETTINGS;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.metrics.report.PollReports;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.saturation.detector.UtilizationDetector;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often endpoints are polled: intervals, and the slower pace without requests. */
class ScrapePaceTest {

  private static final Duration TICK = Duration.ofMillis(50);

  private final Scraping scraping = new Scraping();

  @AfterEach
  void close() {
    scraping.close();
  }

  @Test
  void pollsASourceWithAnIntervalLessOften() {
    HttpMetricsDataSource slow =
        new HttpMetricsDataSource(
            new HttpMetricsDataSource.Parameters(
                "http", "/slow", null, true, "", "", "", Duration.ofMillis(200)));
    AtomicInteger slowRequests = new AtomicInteger();
    scraping.server.answer(
        (path, out) -> {
          if (path.equals("/slow")) {
            slowRequests.incrementAndGet();
          }
          return FakeModelServer.ok(out, FakeModelServer.page(1));
        });
    scraping
        .scraper(
            SETTINGS,
            new ScrapedSource(SOURCE, List.of(CORE)),
            new ScrapedSource(slow, List.of(CORE)))
        .added(scraping.server.endpoint(0));
    await().until(() -> slowRequests.get() >= 3);
    // ten ticks each; the margin is for ticks of the fast one that were dropped on a busy machine
    assertThat(scraping.server.requests.get() - slowRequests.get())
        .isGreaterThan(2 * slowRequests.get());
  }

  @Test
  void takesItsTickFromTheFlagOrTheShortestInterval() {
    ScrapedSource usual = new ScrapedSource(SOURCE, List.of(CORE));
    ScrapedSource eager =
        new ScrapedSource(
            new HttpMetricsDataSource(
                new HttpMetricsDataSource.Parameters(
                    "http", "/", null, true, "", "", "", Duration.ofMillis(70))),
            List.of(CORE));
    assertThat(ScrapeSettings.tickFor(Duration.ofMillis(100), List.of(usual))).hasMillis(100);
    assertThat(ScrapeSettings.tickFor(Duration.ofMillis(100), List.of(usual, eager))).hasMillis(70);
    assertThat(ScrapeSettings.tickFor(Duration.ofMillis(60), List.of(eager))).hasMillis(60);
    assertThat(ScrapeSettings.tickFor(Duration.ofMillis(5), List.of())).hasMillis(50);
  }

  @ParameterizedTest(name = "{0} endpoints take {1} turns")
  @CsvSource({"0, 1", "1, 1", "8, 1", "9, 2", "40, 5", "200, 10"})
  void fewEndpointsShareTheTurnsOfATick(int endpoints, int turns) {
    EmbeddedChannel time = new EmbeddedChannel();
    time.freezeTime();
    AtomicLong now = new AtomicLong();
    ScrapeLoop loop = looping(time, now);
    loop.start();
    IntStream.range(0, endpoints).mapToObj(scraping.server::endpoint).forEach(loop::add);
    time.runPendingTasks();

    long endNanos = 2 * TICK.toNanos(); // the first one may be shared out while endpoints join
    turnsUntil(TICK.toNanos(), time, now);
    assertThat(turnsUntil(endNanos, time, now)).isEqualTo(turns);
    loop.stop();
    time.runPendingTasks();
    ChannelFuture _ = time.close();
  }

  private ScrapeLoop looping(EmbeddedChannel time, AtomicLong now) {
    return new ScrapeLoop(
        time.eventLoop(),
        NioSocketChannel.class,
        DefaultAddressResolverGroup.INSTANCE,
        SETTINGS.withTick(TICK),
        List.of(),
        scraping.observer,
        scraping.polls,
        new PollReports(now::get),
        new RequestActivity(0, 0, () -> {}),
        scraping.pauses,
        now::get);
  }

  /** Turns the wheel; returns how many turns there were. */
  private static int turnsUntil(long endNanos, EmbeddedChannel time, AtomicLong now) {
    int turns = 0;
    long next = time.runScheduledPendingTasks();
    while (now.get() + next <= endNanos) {
      now.addAndGet(next);
      time.advanceTimeBy(next, TimeUnit.NANOSECONDS);
      next = time.runScheduledPendingTasks();
      turns++;
    }
    return turns;
  }

  @Test
  void slowsDownWithoutRequestsAndWakesWithTheFirst() {
    MetricsScraper scraper =
        scraping.scraper(
            SETTINGS.withIdle(Duration.ofMillis(700), Duration.ofHours(1)),
            new ScrapedSource(SOURCE, List.of(CORE)));
    EndpointState endpoint = scraping.server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> endpoint.load().isSampled());
    // idle once no poll has come for many ticks
    await().until(() -> System.nanoTime() - endpoint.load().sampledAtNanos() > 300_000_000L);
    scraping.server.waitingRequests.set(3);
    scraper.requestSeen();
    await().until(() -> endpoint.load().waitingRequests() == 3);
    int before = scraping.server.requests.get();
    await().until(() -> scraping.server.requests.get() >= before + 2); // and the usual tick is back

    await().until(() -> System.nanoTime() - endpoint.load().sampledAtNanos() > 300_000_000L);
    EndpointState late = scraping.server.endpoint(1);
    scraper.added(late); // is polled at once, without a request
    await().until(() -> late.load().isSampled());
  }

  @Test
  void aSampleThatIsOldBecauseOfSlowPollingDoesNotSaturateThePool() {
    var parameters = UtilizationDetector.TYPE.defaults();
    var byTheClock = new UtilizationDetector(parameters, SampleAge.BY_CLOCK);
    var lenient = new UtilizationDetector(parameters, scraping.pauses);
    MetricsScraper scraper =
        scraping.scraper(
            SETTINGS.withIdle(Duration.ofMillis(700), Duration.ofSeconds(20)),
            new ScrapedSource(SOURCE, List.of(CORE)));
    EndpointState endpoint = scraping.server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> endpoint.load().isSampled());
    await().until(() -> System.nanoTime() - endpoint.load().sampledAtNanos() > 500_000_000L);

    scraper.requestSeen(); // the first after the pause; its answer does not wait for a poll
    long now = System.nanoTime();
    Candidates candidates = Candidates.of(1, List.of(endpoint.current()));

    assertThat(lenient.saturation(candidates, now)).isLessThan(1);
    assertThat(byTheClock.saturation(candidates, endpoint.load().sampledAtNanos() + 500_000_000L))
        .isEqualTo(1);
  }

  @Test
  void neverSlowsDownWhenConfiguredSo() {
    RequestActivity activity = new RequestActivity(0, 0, () -> {});
    assertThat(activity.isIdle(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void wakesOncePerPause() {
    AtomicInteger wakes = new AtomicInteger();
    RequestActivity activity = new RequestActivity(10, 0, wakes::incrementAndGet);
    assertThat(activity.isIdle(9)).isFalse();
    activity.requestSeen();
    assertThat(activity.isIdle(10)).isFalse();
    assertThat(activity.isIdle(19)).isFalse();
    assertThat(activity.isIdle(20)).isTrue();
    assertThat(wakes).hasValue(0);
    activity.requestSeen();
    activity.requestSeen();
    assertThat(wakes).hasValue(1);
    assertThat(activity.isIdle(40)).isFalse();
    assertThat(activity.isIdle(50)).isTrue();
  }
}
