package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.latency.PrefillThroughputs;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter.Parameters;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter.TtftSource;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code peakPrefillThroughput: auto}. */
class CalibratedAffinityFilterTest {

  private static final double GIVEN = PrefixCacheAffinityFilter.DEFAULT_THROUGHPUT;
  private static final double PENALTY_MILLIS = 1_000;

  private final Random random = new Random(1);
  private long now;
  private final CalibratedAffinityFilter filter =
      new CalibratedAffinityFilter(
          new Parameters(
              0.8,
              0,
              PENALTY_MILLIS,
              TtftSource.PREFILL_THROUGHPUT,
              OptionalDouble.empty(),
              "",
              "",
              ""),
          new PrefillThroughputs(GIVEN),
          () -> now);

  /** The first endpoint holds nine of ten blocks. */
  private static SchedulingCycle cycle(long uncached, long ahead) {
    return new CycleFixture()
        .idle(2)
        .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[] {9, 0}, 10, 16))
        .fact(InFlightLoad.keyOrDefault(""), new InFlightLoad(new long[2], new long[] {ahead, 0}))
        .fact(UncachedTokens.keyOrDefault(""), new UncachedTokens(new long[] {uncached, uncached}))
        .build();
  }

  private static RoutedRequest routed(SchedulingCycle cycle, int slot) {
    Candidate[] pick = {cycle.candidates().get(slot)};
    Candidates picks = cycle.candidates().select(pick, 1);
    ProfileResult result = new ProfileResult(picks, cycle.candidates(), Scores.all(cycle, 1));
    ProfileResults results = new ProfileResults();
    results.put("default", result);
    return new RoutedRequest(
        cycle.request(), cycle.facts(), "default", result, results, new HeaderChanges());
  }

  private void serve(int requests, double truth, String status, String type) {
    for (int i = 0; i < requests; i++) {
      long uncached = random.nextLong(100, 5_100);
      long ahead = random.nextInt(10_000);
      ResponseObserver observer =
          Objects.requireNonNull(filter.onRouted(routed(cycle(uncached, ahead), 0)));
      now += (long) ((10 + (uncached + ahead) / truth * 1_000) * 1e6);
      observer.onHeaders(FakeResponseHead.of(Map.of(":status", status, "content-type", type)));
      observer.onFirstBytes();
    }
  }

  private void serve(int requests, double truth) {
    serve(requests, truth, "200", "text/event-stream");
  }

  private double learned() {
    return filter.estimates(cycle(1, 0)).at(0);
  }

  @Test
  void findsTheThroughputFromAValueFourTimesWrong() {
    serve(500, GIVEN / 4);
    assertThat(learned()).isCloseTo(GIVEN / 4, within(0.15 * GIVEN / 4));

    serve(500, GIVEN * 4);
    assertThat(learned()).isCloseTo(GIVEN * 4, within(0.15 * GIVEN * 4));
  }

  /** As many tokens as take a bit more, or less, than the penalty. */
  @Test
  void releasesWhenStickingCostsTooMuchOnTheHardwareThatThereIs() {
    serve(500, GIVEN / 4);
    assertThat(names(filter.filter(cycle(1, (long) (1.2 * GIVEN / 4))))).hasSize(2);
    assertThat(names(filter.filter(cycle(1, (long) (0.8 * GIVEN / 4))))).containsExactly("pod-0");

    serve(300, GIVEN * 2);
    assertThat(names(filter.filter(cycle(1, (long) (1.2 * GIVEN * 2))))).hasSize(2);
    assertThat(names(filter.filter(cycle(1, (long) (0.8 * GIVEN * 2))))).containsExactly("pod-0");
  }

  @Test
  void learnsFromNothingButStreamsThatWentWell() {
    serve(100, GIVEN / 4, "500", "text/event-stream");
    serve(100, GIVEN / 4, "200", "application/json");

    assertThat(learned()).isEqualTo(GIVEN);
  }

  @Test
  void isWhatAutoStandsFor() {
    assertThat(filter.estimated()).isEqualTo("prefillTokensPerSecond");
    assertThat(filter.onRouted(routed(new CycleFixture().idle(2).build(), 0))).isNull();
  }
}
