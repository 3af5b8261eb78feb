package ai.llmd.epp.adapter.metrics.scrape;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts what a scraper reports. */
final class CountingObserver implements ScrapeObserver {

  final AtomicInteger pollErrors = new AtomicInteger();
  final AtomicInteger extractErrors = new AtomicInteger();

  @Override
  public void pollError(String sourceType) {
    if (sourceType.equals("metrics-data-source")) {
      pollErrors.incrementAndGet();
    }
  }

  @Override
  public void extractError(String sourceType, String extractorType) {
    if (sourceType.equals("metrics-data-source")) {
      extractErrors.incrementAndGet();
    }
  }
}
