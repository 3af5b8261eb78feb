package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.metrics.page.PageSource;
import ai.llmd.epp.adapter.metrics.scrape.MetricsScraper;
import ai.llmd.epp.adapter.metrics.scrape.ScrapeSettings;
import ai.llmd.epp.adapter.metrics.scrape.ScrapedSource;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import java.time.Duration;
import java.util.List;

/**
 * What is scraped and how often; equal when a running scraper may stay.
 *
 * @param tick time between two polls of an endpoint
 */
record Scraping(List<ScrapedSource> sources, Duration tick) {

  private static final int MISSED_POLLS = 3;

  /**
   * @param interval {@code --refresh-metrics-interval}
   */
  static Scraping of(EffectiveConfiguration configuration, Duration interval) {
    List<ScrapedSource> sources =
        configuration.dataLayer().sources().stream()
            .filter(bound -> bound.source().plugin() instanceof PageSource)
            .map(ScrapedSource::of)
            .toList();
    return new Scraping(sources, ScrapeSettings.tickFor(interval, sources));
  }

  /** Starts the threads. */
  MetricsScraper start(SharedParts shared, NotePolls polls) {
    return new MetricsScraper(
        ScrapeSettings.DEFAULTS.withTick(tick),
        sources,
        shared.meters().scraping,
        polls,
        shared.pauses(),
        shared.nanoClock());
  }

  /**
   * How old a value of a load may be that a decision uses.
   *
   * @param threshold {@code --metrics-staleness-threshold}; where values are read too seldom for
   *     it, three times the longest interval
   */
  Duration staleAfter(Duration threshold) {
    Duration longest = tick;
    for (ScrapedSource bound : sources) {
      Duration interval = bound.source().isOfLoads() ? bound.source().interval() : Duration.ZERO;
      longest = interval.compareTo(longest) > 0 ? interval : longest;
    }
    Duration thrice = longest.multipliedBy(MISSED_POLLS);
    return thrice.compareTo(threshold) > 0 ? thrice : threshold;
  }
}
