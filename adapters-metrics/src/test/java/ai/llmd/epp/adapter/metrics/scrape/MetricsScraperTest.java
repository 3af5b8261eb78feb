package ai.llmd.epp.adapter.metrics.scrape;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.saturation.detector.UtilizationDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsScraperTest {

  private static final HttpMetricsDataSource SOURCE =
      new HttpMetricsDataSource(HttpMetricsDataSource.Parameters.DEFAULTS);
  private static final CoreMetricsExtractor CORE =
      new CoreMetricsExtractor(CoreMetricsExtractor.Parameters.DEFAULTS);
  private static final ScrapeSettings SETTINGS =
      ScrapeSettings.DEFAULTS.withTick(Duration.ofMillis(20));

  private final CountingObserver observer = new CountingObserver();
  private final ScrapePauses pauses = new ScrapePauses();
  private final Polls polls = new Polls();
  private final FakeModelServer server = FakeModelServer.wellBehaved();
  private final List<MetricsScraper> scrapers = new ArrayList<>();

  @AfterEach
  void closeAll() {
    scrapers.forEach(MetricsScraper::close);
    server.close();
  }

  private MetricsScraper scraper(ScrapeSettings settings, ScrapedSource... sources) {
    MetricsScraper scraper =
        new MetricsScraper(settings, List.of(sources), observer, polls, pauses, System::nanoTime);
    scrapers.add(scraper);
    return scraper;
  }

  private MetricsScraper scraper() {
    return scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(CORE)));
  }

  @Test
  void publishesWhatAnEndpointReportsAgainAndAgain() {
    EndpointState endpoint = server.endpoint(0);
    scraper().added(endpoint);
    for (int waiting = 1; waiting <= 3; waiting++) {
      server.waitingRequests.set(waiting);
      int expected = waiting;
      await().until(() -> endpoint.load().waitingRequests() == expected);
    }
    assertThat(endpoint.load().isSampled()).isTrue();
    assertThat(System.nanoTime() - endpoint.load().sampledAtNanos()).isPositive();
    assertThat(server.connections).hasValue(1);
    assertThat(observer.pollErrors).hasValue(0);
    assertThat(observer.extractErrors).hasPositiveValue(); // running requests are missing
  }

  @Test
  void reportsWhetherAnEndpointCanBeConnectedTo() {
    EndpointState endpoint = server.endpoint(0);
    scraper().added(endpoint);
    await().until(() -> polls.answered.get() > 0);
    assertThat(polls.refused).hasValue(0);
    assertThat(polls.lost).hasValue(0);
    await().until(() -> polls.sampled.get() > 0);
    server.close();
    await().until(() -> polls.lost.get() > 0);
    await().until(() -> polls.refused.get() >= 2);
    int answered = polls.answered.get();
    int refused = polls.refused.get();
    await().until(() -> polls.refused.get() > refused);
    assertThat(polls.answered).hasValue(answered);
  }

  /** Counts what is reported. */
  private static final class Polls implements NotePolls {
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger sampled = new AtomicInteger();

    @Override
    public void sampled(EndpointState endpoint) {
      assertThat(endpoint.load().isSampled()).isTrue();
      sampled.incrementAndGet();
    }

    @Override
    public void lost(EndpointState endpoint) {
      lost.incrementAndGet();
    }

    @Override
    public void answered(EndpointState endpoint) {
      answered.incrementAndGet();
    }

    @Override
    public void refused(EndpointState endpoint) {
      refused.incrementAndGet();
    }

    @Override
    public void unreachable(EndpointState endpoint) {}

    @Override
    public void unanswered(EndpointState endpoint) {}
  }

  @Test
  void keepsUpWithTwoHundredEndpointsOnTwoLoops() {
    MetricsScraper scraper =
        scraper(
            SETTINGS.withTick(Duration.ofMillis(50)).withEventLoops(2),
            new ScrapedSource(SOURCE, List.of(CORE)));
    List<EndpointState> endpoints = new ArrayList<>();
    for (int slot = 0; slot < 200; slot++) {
      endpoints.add(server.endpoint(slot));
    }
    server.waitingRequests.set(5);
    endpoints.forEach(scraper::added);
    await().until(() -> endpoints.stream().allMatch(e -> e.load().waitingRequests() == 5));
    server.waitingRequests.set(6);
    await().until(() -> endpoints.stream().allMatch(e -> e.load().waitingRequests() == 6));
    assertThat(server.connections).hasValue(200);
  }

  @Test
  void asksEveryExtractorOfASource() {
    FakeExtractor second = new FakeExtractor("second");
    scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(CORE, second))).added(server.endpoint(0));
    await().until(() -> second.reads.get() >= 3);
    assertThat(observer.extractErrors).hasPositiveValue();
  }

  @Test
  void publishesAllExtractorsAsOneSample() {
    server.waitingRequests.set(4);
    EndpointState endpoint = server.endpoint(0);
    FakeExtractor second = new FakeExtractor("second");
    scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(second, CORE))).added(endpoint);
    await().until(() -> endpoint.load().isSampled());
    assertThat(endpoint.load().waitingRequests()).isEqualTo(4);
    assertThat(endpoint.load().attributes()).containsEntry("second", 4.0);
  }

  @Test
  void survivesAnExtractorThatThrows() {
    FakeExtractor broken = new FakeExtractor("broken");
    broken.failure = new IllegalStateException("broken");
    EndpointState endpoint = server.endpoint(0);
    server.waitingRequests.set(4);
    scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(broken, CORE))).added(endpoint);
    await().until(() -> endpoint.load().waitingRequests() == 4);
    assertThat(broken.reads).hasPositiveValue();
  }

  @Test
  void survivesAnEndpointThatCannotBeRead() {
    FakeExtractor choosy = new FakeExtractor("choosy");
    choosy.refused = "e1";
    MetricsScraper scraper = scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(choosy)));
    EndpointState refused = server.endpoint(1);
    EndpointState read = server.endpoint(0);
    scraper.added(refused);
    scraper.added(read);
    await().until(() -> read.load().isSampled());
    assertThat(refused.load().isSampled()).isFalse();
  }

  @Test
  void countsAnEndpointWithoutAnAddressAsFailing() {
    EndpointState nowhere =
        new EndpointState(
            1, 1, Endpoint.of(new EndpointId("ns", "e1"), "", 80, Map.of())); // a pod without an IP
    EndpointState good = server.endpoint(0);
    MetricsScraper scraper = scraper();
    scraper.added(nowhere);
    scraper.added(good);
    await().until(() -> observer.pollErrors.get() >= 2);
    await().until(() -> good.load().isSampled());
    nowhere.describe(server.description("e1")); // and once it has one
    scraper.changed(nowhere);
    await().until(() -> nowhere.load().isSampled());
  }

  @Test
  void refusesTwoExtractorsOfOneTypeOnASource() {
    assertThatThrownBy(() -> new ScrapedSource(SOURCE, List.of(CORE, CORE)))
        .hasMessage("two extractors of type core-metrics-extractor on one metrics-data-source");
  }

  @Test
  void pollsTwoSourcesSideBySide() {
    HttpMetricsDataSource other =
        new HttpMetricsDataSource(
            new HttpMetricsDataSource.Parameters(
                "http", "/other", null, true, "", "", "", Duration.ZERO));
    server.answer(
        (path, out) ->
            FakeModelServer.ok(
                out, path.equals("/other") ? FakeModelServer.page(9) : "# TYPE x gauge\nx 1\n"));
    EndpointState endpoint = server.endpoint(0);
    scraper(
            SETTINGS,
            new ScrapedSource(SOURCE, List.of(CORE)),
            new ScrapedSource(other, List.of(CORE)))
        .added(endpoint);
    await().until(() -> endpoint.load().waitingRequests() == 9);
    await().until(() -> server.connections.get() == 2);
  }

  @Test
  void leavesAnEndpointOfASourceWithoutExtractorsAlone() {
    EndpointState endpoint = server.endpoint(0);
    MetricsScraper scraper = scraper(SETTINGS, new ScrapedSource(SOURCE, List.of()));
    scraper.added(endpoint);
    scraper.changed(endpoint);
    CountDownLatch released = new CountDownLatch(1);
    scraper.removed(endpoint, released::countDown);
    await().until(() -> released.getCount() == 0);
    assertThat(server.requests).hasValue(0);
  }

  @Test
  void stopsPollingAnEndpointThatIsGone() throws Exception {
    MetricsScraper scraper = scraper();
    EndpointState gone = server.endpoint(0);
    scraper.added(gone);
    await().until(() -> server.requests.get() > 0);
    CountDownLatch released = new CountDownLatch(1);
    scraper.removed(gone, released::countDown);
    assertThat(released.await(5, SECONDS)).isTrue();
    EndpointLoad last = gone.load();
    int before = server.requests.get();

    try (FakeModelServer other = FakeModelServer.wellBehaved()) {
      scraper.added(other.endpoint(1));
      await().until(() -> other.requests.get() >= 5); // five ticks later
    }
    assertThat(server.requests.get())
        .isLessThanOrEqualTo(before + 1); // one may have been on its way
    assertThat(gone.load()).isSameAs(last);
  }

  @Test
  void followsAnEndpointToAnotherAddress() {
    MetricsScraper scraper = scraper();
    EndpointState endpoint = server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> endpoint.load().isSampled());
    try (FakeModelServer other = FakeModelServer.wellBehaved()) {
      other.waitingRequests.set(8);
      endpoint.describe(other.description("e0"));
      scraper.changed(endpoint);
      await().until(() -> endpoint.load().waitingRequests() == 8);
    }
  }

  @Test
  void readsAnEndpointByItsNewEngineLabel() {
    server.answer(
        (path, out) ->
            FakeModelServer.ok(
                out, "# TYPE sglang:num_queue_reqs gauge\nsglang:num_queue_reqs 6\n"));
    MetricsScraper scraper = scraper();
    EndpointState endpoint = server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> server.requests.get() >= 3);
    assertThat(endpoint.load().isSampled()).isFalse();
    Endpoint plain = endpoint.endpoint();
    endpoint.describe(
        Endpoint.of(
            plain.id(), plain.address(), plain.port(), Map.of("llm-d.ai/engine-type", "sglang")));
    scraper.changed(endpoint);
    await().until(() -> endpoint.load().waitingRequests() == 6);
  }

  @Test
  void keepsTheConnectionOfAnEndpointWhoseOtherLabelsChange() {
    MetricsScraper scraper = scraper();
    EndpointState endpoint = server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> server.requests.get() >= 1);
    Endpoint plain = endpoint.endpoint();
    endpoint.describe(
        Endpoint.of(plain.id(), plain.address(), plain.port(), Map.of("tier", "gold")));
    scraper.changed(endpoint);
    int before = server.requests.get();
    await().until(() -> server.requests.get() >= before + 3);
    assertThat(server.connections).hasValue(1);
  }

  @Test
  void releasesEndpointsAfterItWasClosed() {
    MetricsScraper scraper = scraper();
    EndpointState endpoint = server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> server.requests.get() >= 1);
    scraper.close();
    CountDownLatch released = new CountDownLatch(1);
    scraper.removed(endpoint, released::countDown);
    assertThat(released.getCount()).isZero();
    scraper.added(endpoint); // ignored
    scraper.close(); // and closing twice does no harm
  }

  @Test
  void pollsASourceWithAnIntervalLessOften() {
    HttpMetricsDataSource slow =
        new HttpMetricsDataSource(
            new HttpMetricsDataSource.Parameters(
                "http", "/slow", null, true, "", "", "", Duration.ofMillis(200)));
    AtomicInteger slowRequests = new AtomicInteger();
    server.answer(
        (path, out) -> {
          if (path.equals("/slow")) {
            slowRequests.incrementAndGet();
          }
          return FakeModelServer.ok(out, FakeModelServer.page(1));
        });
    scraper(
            SETTINGS,
            new ScrapedSource(SOURCE, List.of(CORE)),
            new ScrapedSource(slow, List.of(CORE)))
        .added(server.endpoint(0));
    await().until(() -> slowRequests.get() >= 3);
    // ten ticks each; the margin is for ticks of the fast one that were dropped on a busy machine
    assertThat(server.requests.get() - slowRequests.get()).isGreaterThan(2 * slowRequests.get());
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

  @Test
  void slowsDownWithoutRequestsAndWakesWithTheFirst() {
    MetricsScraper scraper =
        scraper(
            SETTINGS.withIdle(Duration.ofMillis(700), Duration.ofHours(1)),
            new ScrapedSource(SOURCE, List.of(CORE)));
    EndpointState endpoint = server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> endpoint.load().isSampled());
    // idle once no poll has come for many ticks
    await().until(() -> System.nanoTime() - endpoint.load().sampledAtNanos() > 300_000_000L);
    server.waitingRequests.set(3);
    scraper.requestSeen();
    await().until(() -> endpoint.load().waitingRequests() == 3);
    int before = server.requests.get();
    await().until(() -> server.requests.get() >= before + 2); // and the usual tick is back

    await().until(() -> System.nanoTime() - endpoint.load().sampledAtNanos() > 300_000_000L);
    EndpointState late = server.endpoint(1);
    scraper.added(late); // is polled at once, without a request
    await().until(() -> late.load().isSampled());
  }

  @Test
  void aSampleThatIsOldBecauseOfSlowPollingDoesNotSaturateThePool() {
    var parameters = UtilizationDetector.TYPE.defaults();
    var byTheClock = new UtilizationDetector(parameters, SampleAge.BY_CLOCK);
    var lenient = new UtilizationDetector(parameters, pauses);
    MetricsScraper scraper =
        scraper(
            SETTINGS.withIdle(Duration.ofMillis(700), Duration.ofSeconds(20)),
            new ScrapedSource(SOURCE, List.of(CORE)));
    EndpointState endpoint = server.endpoint(0);
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

  @Test
  void declaresTheKeysOfItsSamplesAndCustomMetrics() {
    assertThat(CORE.produces().stream().map(FactKey::toString))
        .containsExactlyInAnyOrder(
            "WaitingQueueSize/core-metrics-extractor",
            "RunningRequestsSize/core-metrics-extractor",
            "KVCacheUsagePercent/core-metrics-extractor",
            "ActiveModels/core-metrics-extractor",
            "WaitingModels/core-metrics-extractor");
    EngineConfig mine =
        PageReader.engine("mine", "", "", List.of(new EngineConfig.CustomMetric("k", "m")));
    assertThat(
            new CoreMetricsExtractor(
                    new CoreMetricsExtractor.Parameters("engine", "mine", List.of(mine)))
                .produces())
        .contains(new FactKey<>("k", "core-metrics-extractor", Void.class))
        .hasSize(6);
  }

  /** Copies the queue length to an attribute. */
  private static final class FakeExtractor implements MetricsExtractor, LoadReading {

    private final String type;
    final AtomicInteger reads = new AtomicInteger();
    volatile @Nullable RuntimeException failure;
    volatile String refused = "";

    FakeExtractor(String type) {
      this.type = type;
    }

    @Override
    public String type() {
      return type;
    }

    @Override
    public LoadReading readingFor(Endpoint endpoint) {
      if (endpoint.id().name().equals(refused)) {
        throw new IllegalStateException("refused");
      }
      return this;
    }

    @Override
    public List<WantedSeries> wanted() {
      return List.of(WantedSeries.latest(MetricSpec.parse("vllm:num_requests_waiting")));
    }

    @Override
    public EndpointLoad read(
        Samples samples,
        int first,
        EndpointLoad previous,
        long nowNanos,
        Consumer<String> problems) {
      reads.incrementAndGet();
      RuntimeException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      return new EndpointLoad(
          0, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(type, samples.value(first)), nowNanos, true);
    }
  }
}
