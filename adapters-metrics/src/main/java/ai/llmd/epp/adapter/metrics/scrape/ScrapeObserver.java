package ai.llmd.epp.adapter.metrics.scrape;

/** Counts what goes wrong while scraping. Called on event loops: never blocks, never throws. */
public interface ScrapeObserver {

  /** An observer that does not care; for tests. */
  ScrapeObserver NONE =
      new ScrapeObserver() {
        @Override
        public void pollError(String sourceType) {}

        @Override
        public void extractError(String sourceType, String extractorType) {}
      };

  /** A page could not be had, or is malformed. */
  void pollError(String sourceType);

  /** A page lacks, or misspells, something that an extractor wants: once per page and extractor. */
  void extractError(String sourceType, String extractorType);
}
