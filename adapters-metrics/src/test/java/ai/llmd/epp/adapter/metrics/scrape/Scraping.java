package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.domain.pool.EndpointState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Scrapers of one test, a model server, and what they report; all closed together. */
final class Scraping implements AutoCloseable {

  static final HttpMetricsDataSource SOURCE =
      new HttpMetricsDataSource(HttpMetricsDataSource.Parameters.DEFAULTS);
  static final CoreMetricsExtractor CORE =
      new CoreMetricsExtractor(CoreMetricsExtractor.Parameters.DEFAULTS);
  static final ScrapeSettings SETTINGS = ScrapeSettings.DEFAULTS.withTick(Duration.ofMillis(20));

  final CountingObserver observer = new CountingObserver();
  final ScrapePauses pauses = new ScrapePauses();
  final Polls polls = new Polls();
  final FakeModelServer server = FakeModelServer.wellBehaved();
  private final List<MetricsScraper> scrapers = new ArrayList<>();

  MetricsScraper scraper(ScrapeSettings settings, ScrapedSource... sources) {
    MetricsScraper scraper =
        new MetricsScraper(settings, List.of(sources), observer, polls, pauses, System::nanoTime);
    scrapers.add(scraper);
    return scraper;
  }

  /** One that reads the usual page every tick. */
  MetricsScraper scraper() {
    return scraper(SETTINGS, new ScrapedSource(SOURCE, List.of(CORE)));
  }

  @Override
  public void close() {
    scrapers.forEach(MetricsScraper::close);
    server.close();
  }

  /** Counts what is reported. */
  static final class Polls implements NotePolls {
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
}
