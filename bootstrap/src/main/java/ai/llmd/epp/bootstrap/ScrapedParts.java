package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.metrics.scrape.MetricsScraper;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.reload.RunningParts;
import java.util.List;

/** The parts of a configuration's streams, and the scraper that feeds its plugins. */
final class ScrapedParts implements RunningParts<ExtProcParts> {

  private final Wiring wiring;
  private final Scraping scraping;
  private final MetricsScraper scraper;
  private final ExtProcParts parts;
  private boolean isScraperPassedOn; // to the successor

  private ScrapedParts(
      Wiring wiring,
      EffectiveConfiguration configuration,
      Scraping scraping,
      MetricsScraper scraper) {
    this.wiring = wiring;
    this.scraping = scraping;
    this.scraper = scraper;
    this.parts = wiring.parts(configuration, scraper::requestSeen);
  }

  /** Starts to scrape. */
  static ScrapedParts start(Wiring wiring, EffectiveConfiguration configuration) {
    return start(wiring, configuration, scraping(wiring, configuration));
  }

  private static ScrapedParts start(
      Wiring wiring, EffectiveConfiguration configuration, Scraping scraping) {
    MetricsScraper scraper = scraping.start(wiring.shared(), wiring.health());
    try {
      return new ScrapedParts(wiring, configuration, scraping, scraper);
    } catch (RuntimeException e) {
      scraper.close();
      throw e;
    }
  }

  private static Scraping scraping(Wiring wiring, EffectiveConfiguration configuration) {
    return Scraping.of(configuration, wiring.options().metrics().scrapeInterval());
  }

  @Override
  public ExtProcParts parts() {
    return parts;
  }

  @Override
  public List<PoolObserver> observers(List<PoolObserver> plugins) {
    return wiring.observers(List.of(scraper), plugins);
  }

  @Override
  public ScrapedParts successor(EffectiveConfiguration next) {
    Scraping wanted = scraping(wiring, next);
    if (!wanted.equals(scraping)) {
      return start(wiring, next, wanted);
    }
    ScrapedParts successor = new ScrapedParts(wiring, next, wanted, scraper);
    isScraperPassedOn = true;
    return successor;
  }

  @Override
  public void stop() {
    if (!isScraperPassedOn) {
      scraper.close();
    }
  }
}
