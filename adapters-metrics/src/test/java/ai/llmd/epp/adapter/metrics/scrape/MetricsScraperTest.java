package ai.llmd.epp.adapter.metrics.scrape;

import static ai.llmd.epp.adapter.metrics.scrape.Scraping.CORE;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SETTINGS;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SOURCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsScraperTest {

  private final Scraping scraping = new Scraping();

  @AfterEach
  void close() {
    scraping.close();
  }

  @Test
  void publishesWhatAnEndpointReportsAgainAndAgain() {
    EndpointState endpoint = scraping.server.endpoint(0);
    scraping.scraper().added(endpoint);
    for (int waiting = 1; waiting <= 3; waiting++) {
      scraping.server.waitingRequests.set(waiting);
      int expected = waiting;
      await().until(() -> endpoint.load().waitingRequests() == expected);
    }
    assertThat(endpoint.load().isSampled()).isTrue();
    assertThat(System.nanoTime() - endpoint.load().sampledAtNanos()).isPositive();
    assertThat(scraping.server.connections).hasValue(1);
    assertThat(scraping.observer.pollErrors).hasValue(0);
    assertThat(scraping.observer.extractErrors).hasPositiveValue(); // running requests are missing
  }

  @Test
  void reportsWhetherAnEndpointCanBeConnectedTo() {
    EndpointState endpoint = scraping.server.endpoint(0);
    scraping.scraper().added(endpoint);
    await().until(() -> scraping.polls.answered.get() > 0);
    assertThat(scraping.polls.refused).hasValue(0);
    assertThat(scraping.polls.lost).hasValue(0);
    await().until(() -> scraping.polls.sampled.get() > 0);
    scraping.server.close();
    await().until(() -> scraping.polls.lost.get() > 0);
    await().until(() -> scraping.polls.refused.get() >= 2);
    int answered = scraping.polls.answered.get();
    int refused = scraping.polls.refused.get();
    await().until(() -> scraping.polls.refused.get() > refused);
    assertThat(scraping.polls.answered).hasValue(answered);
  }

  @Test
  void keepsUpWithTwoHundredEndpointsOnTwoLoops() {
    MetricsScraper scraper =
        scraping.scraper(
            SETTINGS.withTick(Duration.ofMillis(50)).withEventLoops(2),
            new ScrapedSource(SOURCE, List.of(CORE)));
    List<EndpointState> endpoints = new ArrayList<>();
    for (int slot = 0; slot < 200; slot++) {
      endpoints.add(scraping.server.endpoint(slot));
    }
    scraping.server.waitingRequests.set(5);
    endpoints.forEach(scraper::added);
    await().until(() -> endpoints.stream().allMatch(e -> e.load().waitingRequests() == 5));
    scraping.server.waitingRequests.set(6);
    await().until(() -> endpoints.stream().allMatch(e -> e.load().waitingRequests() == 6));
    assertThat(scraping.server.connections).hasValue(200);
  }

  @Test
  void countsAnEndpointWithoutAnAddressAsFailing() {
    EndpointState nowhere =
        new EndpointState(
            1, 1, Endpoint.of(new EndpointId("ns", "e1"), "", 80, Map.of())); // a pod without an IP
    EndpointState good = scraping.server.endpoint(0);
    MetricsScraper scraper = scraping.scraper();
    scraper.added(nowhere);
    scraper.added(good);
    await().until(() -> scraping.observer.pollErrors.get() >= 2);
    await().until(() -> good.load().isSampled());
    nowhere.describe(scraping.server.description("e1")); // and once it has one
    scraper.changed(nowhere);
    await().until(() -> nowhere.load().isSampled());
  }

  @Test
  void pollsTwoSourcesSideBySide() {
    HttpMetricsDataSource other =
        new HttpMetricsDataSource(
            new HttpMetricsDataSource.Parameters(
                "http", "/other", null, true, "", "", "", Duration.ZERO));
    scraping.server.answer(
        (path, out) ->
            FakeModelServer.ok(
                out, path.equals("/other") ? FakeModelServer.page(9) : "# TYPE x gauge\nx 1\n"));
    EndpointState endpoint = scraping.server.endpoint(0);
    scraping
        .scraper(
            SETTINGS,
            new ScrapedSource(SOURCE, List.of(CORE)),
            new ScrapedSource(other, List.of(CORE)))
        .added(endpoint);
    await().until(() -> endpoint.load().waitingRequests() == 9);
    await().until(() -> scraping.server.connections.get() == 2);
  }

  @Test
  void leavesAnEndpointOfASourceWithoutExtractorsAlone() {
    EndpointState endpoint = scraping.server.endpoint(0);
    MetricsScraper scraper = scraping.scraper(SETTINGS, new ScrapedSource(SOURCE, List.of()));
    scraper.added(endpoint);
    scraper.changed(endpoint);
    CountDownLatch released = new CountDownLatch(1);
    scraper.removed(endpoint, released::countDown);
    await().until(() -> released.getCount() == 0);
    assertThat(scraping.server.requests).hasValue(0);
  }

  @Test
  void stopsPollingAnEndpointThatIsGone() throws Exception {
    MetricsScraper scraper = scraping.scraper();
    EndpointState gone = scraping.server.endpoint(0);
    scraper.added(gone);
    await().until(() -> scraping.server.requests.get() > 0);
    CountDownLatch released = new CountDownLatch(1);
    scraper.removed(gone, released::countDown);
    assertThat(released.await(5, SECONDS)).isTrue();
    EndpointLoad last = gone.load();
    int before = scraping.server.requests.get();

    try (FakeModelServer other = FakeModelServer.wellBehaved()) {
      scraper.added(other.endpoint(1));
      await().until(() -> other.requests.get() >= 5); // five ticks later
    }
    assertThat(scraping.server.requests.get())
        .isLessThanOrEqualTo(before + 1); // one may have been on its way
    assertThat(gone.load()).isSameAs(last);
  }

  @Test
  void followsAnEndpointToAnotherAddress() {
    MetricsScraper scraper = scraping.scraper();
    EndpointState endpoint = scraping.server.endpoint(0);
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
    scraping.server.answer(
        (path, out) ->
            FakeModelServer.ok(
                out, "# TYPE sglang:num_queue_reqs gauge\nsglang:num_queue_reqs 6\n"));
    MetricsScraper scraper = scraping.scraper();
    EndpointState endpoint = scraping.server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> scraping.server.requests.get() >= 3);
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
    MetricsScraper scraper = scraping.scraper();
    EndpointState endpoint = scraping.server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> scraping.server.requests.get() >= 1);
    Endpoint plain = endpoint.endpoint();
    endpoint.describe(
        Endpoint.of(plain.id(), plain.address(), plain.port(), Map.of("tier", "gold")));
    scraper.changed(endpoint);
    int before = scraping.server.requests.get();
    await().until(() -> scraping.server.requests.get() >= before + 3);
    assertThat(scraping.server.connections).hasValue(1);
  }

  @Test
  void releasesEndpointsAfterItWasClosed() {
    MetricsScraper scraper = scraping.scraper();
    EndpointState endpoint = scraping.server.endpoint(0);
    scraper.added(endpoint);
    await().until(() -> scraping.server.requests.get() >= 1);
    scraper.close();
    CountDownLatch released = new CountDownLatch(1);
    scraper.removed(endpoint, released::countDown);
    assertThat(released.getCount()).isZero();
    scraper.added(endpoint); // ignored
    scraper.close(); // and closing twice does no harm
  }

  @Test
  void resolvesNamesOfHosts() {
    Endpoint known = scraping.server.description("named");
    EndpointState named =
        new EndpointState(
            0,
            1,
            new Endpoint(
                known.id(),
                "named",
                "localhost",
                known.port(),
                "localhost:" + known.port(),
                Map.of(),
                0));
    EndpointState unknown =
        new EndpointState(
            1,
            1,
            new Endpoint(
                new EndpointId("ns", "unknown"),
                "unknown",
                "host.invalid",
                known.port(),
                "host.invalid:" + known.port(),
                Map.of(),
                0));
    scraping.server.waitingRequests.set(3);
    MetricsScraper scraper = scraping.scraper();
    scraper.added(unknown);
    scraper.added(named);
    await().until(() -> named.load().isSampled());
    assertThat(named.load().waitingRequests()).isEqualTo(3);
    await().until(() -> scraping.observer.pollErrors.get() > 0);
    assertThat(unknown.load().isSampled()).isFalse();
  }
}
