package ai.llmd.epp.adapter.metrics.scrape;

import static ai.llmd.epp.adapter.metrics.scrape.Scraping.CORE;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SETTINGS;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the extractors of a source make of its pages: each, all of them, and one that fails. */
class SourceExtractorsTest {

  private final Scraping scraping = new Scraping();

  @AfterEach
  void close() {
    scraping.close();
  }

  @Test
  void asksEveryExtractorOfASource() {
    FakeExtractor second = new FakeExtractor("second");
    scraping
        .scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(CORE, second)))
        .added(scraping.server.endpoint(0));
    await().until(() -> second.reads.get() >= 3);
    assertThat(scraping.observer.extractErrors).hasPositiveValue();
  }

  @Test
  void publishesAllExtractorsAsOneSample() {
    scraping.server.waitingRequests.set(4);
    EndpointState endpoint = scraping.server.endpoint(0);
    FakeExtractor second = new FakeExtractor("second");
    scraping.scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(second, CORE))).added(endpoint);
    await().until(() -> endpoint.load().isSampled());
    assertThat(endpoint.load().waitingRequests()).isEqualTo(4);
    assertThat(endpoint.load().attributes()).containsEntry("second", 4.0);
  }

  @Test
  void survivesAnExtractorThatThrows() {
    FakeExtractor broken = new FakeExtractor("broken");
    broken.failure = new IllegalStateException("broken");
    EndpointState endpoint = scraping.server.endpoint(0);
    scraping.server.waitingRequests.set(4);
    scraping.scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(broken, CORE))).added(endpoint);
    await().until(() -> endpoint.load().waitingRequests() == 4);
    assertThat(broken.reads).hasPositiveValue();
  }

  @Test
  void survivesAnEndpointThatCannotBeRead() {
    FakeExtractor choosy = new FakeExtractor("choosy");
    choosy.refused = "e1";
    MetricsScraper scraper = scraping.scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(choosy)));
    EndpointState refused = scraping.server.endpoint(1);
    EndpointState read = scraping.server.endpoint(0);
    scraper.added(refused);
    scraper.added(read);
    await().until(() -> read.load().isSampled());
    assertThat(refused.load().isSampled()).isFalse();
  }

  @Test
  void refusesTwoExtractorsOfOneTypeOnASource() {
    assertThatThrownBy(() -> new ScrapedSource(SOURCE, List.of(CORE, CORE)))
        .hasMessage("two extractors of type core-metrics-extractor on one metrics-data-source");
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
