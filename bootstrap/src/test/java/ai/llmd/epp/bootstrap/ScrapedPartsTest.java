package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.metrics.scrape.MetricsScraper;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScrapedPartsTest {

  private final Options options =
      ((CommandLineResult.Run) EppCommandLine.parse(Map.of(), "--pool-name=p")).options();
  private final SharedParts shared = SharedParts.build(options);
  private final Wiring wiring =
      new Wiring(
          options,
          shared,
          RequestTracer.OFF,
          new LivePool("p", List.of(), PluginFaults.IGNORED),
          new PoolHealth(shared.nanoClock(), endpoint -> {}, () -> {}, endpoint -> 0),
          new AnswerHolders(new SharedState(SharedState.Budget.DEFAULT), () -> 0),
          Replication.none(),
          new KeptObjects(shared.meters().limits),
          new DecisionRing(1, 1),
          WaitingLimits.of(10, Duration.ofMinutes(1)),
          null);

  private EffectiveConfiguration configuration(String text) throws InvalidDocumentException {
    return shared.drafts().first(new YamlSource("test", text)).configuration();
  }

  private static PoolObserver scraper(ScrapedParts parts) {
    return parts.observers(List.of()).stream()
        .filter(MetricsScraper.class::isInstance)
        .findFirst()
        .orElseThrow();
  }

  @AfterEach
  void stop() {
    shared.close();
  }

  @Test
  void theScraperGoesOnForASuccessorThatScrapesTheSame() throws InvalidDocumentException {
    EffectiveConfiguration configuration = configuration("plugins: []");
    ScrapedParts first = ScrapedParts.start(wiring, configuration);
    ScrapedParts second = first.successor(configuration);
    first.stop();
    ScrapedParts third =
        second.successor(
            configuration("plugins: [{type: metrics-data-source, parameters: {interval: 100ms}}]"));
    second.stop();

    assertThat(second.parts()).isNotSameAs(first.parts());
    assertThat(scraper(second)).isSameAs(scraper(first));
    assertThat(scraper(third)).isNotSameAs(scraper(second));
    third.stop();
  }

  @Test
  void pluginsObserveThePoolAheadOfTheMetersThatTheyCountFor() throws InvalidDocumentException {
    ScrapedParts parts = ScrapedParts.start(wiring, configuration("plugins: []"));
    PoolObserver plugin = new PoolObserver() {};

    assertThat(parts.observers(List.of(plugin)))
        .containsSubsequence(scraper(parts), plugin, shared.meters().inFlight);
    parts.stop();
  }

  @Test
  void valuesThatAreReadSeldomMayBeOlder() throws InvalidDocumentException {
    Duration tick = Duration.ofMillis(50);
    Duration threshold = Duration.ofSeconds(2);
    EffectiveConfiguration slow =
        configuration("plugins: [{type: metrics-data-source, parameters: {interval: 10s}}]");

    assertThat(Scraping.of(configuration("plugins: []"), tick).staleAfter(threshold))
        .isEqualTo(threshold);
    assertThat(Scraping.of(slow, tick).staleAfter(threshold)).isEqualTo(Duration.ofSeconds(30));
    assertThat(Scraping.of(slow, tick).staleAfter(Duration.ofMinutes(1)))
        .isEqualTo(Duration.ofMinutes(1));
  }
}
