package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.ObservedTtft;
import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.LatencyObservationScorer.Parameters;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LatencyObservationScorerTest {

  private static final Percentiles COLD = Percentiles.unknown(10);

  private static LatencyObservationScorer scorer(double explorationRate, double step) {
    return new LatencyObservationScorer(new Parameters(explorationRate, 2, step, "", ""));
  }

  /** A tenth of a second without load, and as much more for each request in flight. */
  private static Percentiles known(double floor) {
    return new Percentiles(floor, floor, 0, floor + 1, 0, 10, 20, 50, 10);
  }

  private static SchedulingCycle cycle(
      long seed, long[] inFlight, @Nullable Percentiles... observed) {
    return new CycleFixture()
        .idle(observed.length)
        .seed(seed)
        .fact(
            InFlightLoad.key(InFlightLoad.DEFAULT_PRODUCER),
            new InFlightLoad(inFlight, new long[inFlight.length]))
        .fact(ObservedTtft.key(ObservedTtft.DEFAULT_PRODUCER), new ObservedTtft(observed))
        .build();
  }

  private static double[] scores(LatencyObservationScorer scorer, SchedulingCycle cycle) {
    return inOrder(cycle, scorer.score(cycle));
  }

  @Test
  void prefersTheFirstTokenThatIsExpectedSoonest() {
    assertThat(
            scores(
                scorer(0, 0), cycle(1, new long[] {8, 0, 4}, known(0.5), known(0.5), known(0.5))))
        .containsExactly(new double[] {0, 1, 0.5}, within(1e-9));
    assertThat(scores(scorer(0, 0), cycle(1, new long[] {0, 5}, known(0.7), known(0.1))))
        .as("a fast server with load before a slow one without")
        .containsExactly(0, 1);
  }

  @Test
  void equalTimesScoreAlike() {
    assertThat(scores(scorer(0, 0), cycle(1, new long[] {3, 3}, known(0.1), known(0.1))))
        .containsExactly(1, 1);
    assertThat(scores(scorer(0, 0.5), cycle(1, new long[] {0, 1}, known(0.1), known(0.1))))
        .as("0.1 and 0.2 s, in steps of half a second")
        .containsExactly(1, 1);
  }

  @Test
  void allScoreOneWhileNoneIsKnown() {
    assertThat(scores(scorer(0, 0), cycle(1, new long[] {9, 0}, COLD, null))).containsExactly(1, 1);
    SchedulingCycle without = new CycleFixture().idle(2).build();
    assertThat(scores(scorer(0, 0), without)).containsExactly(1, 1);
  }

  @Test
  void whatIsNotKnownIsTriedWithAShareOfTheRequests() {
    int tried = 0;
    SchedulingCycle cycle = cycle(1, new long[] {10, 0, 0}, known(0.1), known(0.1), COLD);
    for (int i = 0; i < 2000; i++) {
      double[] scores = scores(scorer(0.1, 0), cycle);
      assertThat(Arrays.copyOf(scores, 2)).as("the range of the others").containsExactly(0, 1);
      assertThat(scores[2]).isIn(0.0, 1.0);
      tried += (int) scores[2];
    }
    assertThat(tried).isBetween(120, 290);
  }

  @Test
  void anEndpointWithoutACountOfItsRequestsIsNotKnown() {
    assertThat(scores(scorer(0, 0), cycle(1, new long[] {0}, known(0.1), known(0.1))))
        .containsExactly(1, 0);
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatThrownBy(() -> new Parameters(1.1, 2, 0, "", "")).hasMessageContaining("exploration");
    assertThatThrownBy(() -> new Parameters(Double.NaN, 2, 0, "", ""))
        .hasMessageContaining("explorationRate");
    assertThatThrownBy(() -> new Parameters(0.1, 0, 0, "", "")).hasMessageContaining("minInflight");
    assertThatThrownBy(() -> new Parameters(0.1, 2, -1, "", "")).hasMessageContaining("roundTTFT");
  }

  @Test
  void isAnExperimentThatNeedsBothFacts() {
    assertThat(LatencyObservationScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThat(scorer(0, 0).requires().stream().map(Object::toString))
        .containsExactlyInAnyOrder(
            "TTFTPercentilesDataKey/latency-observer-producer-hub",
            "InFlightLoadDataKey/inflight-load-producer");
  }
}
