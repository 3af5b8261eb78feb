package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.LatencyScorer.Parameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LatencyScorerTest {

  private static final Parameters DEFAULTS = LatencyScorer.TYPE.defaults();
  private static final @Nullable Prediction UNKNOWN = null;

  @Test
  void prefersTheLeastHeadroomByDefault() {
    assertThat(scores(DEFAULTS, busy(100, 10), busy(500, 50), busy(250, 20), busy(0, 0)))
        .containsExactly(0.81, 0.01, 0.53, 1.01);
  }

  @Test
  void prefersTheMostHeadroomWhenConfigured() {
    assertThat(scores(strategy("most"), busy(100, 10), busy(500, 50), busy(250, 20), busy(0, 0)))
        .containsExactly(0.21, 1.01, 0.49, 0.01);
  }

  @Test
  void anyOtherStrategyMeansTheLeast() {
    assertThat(scores(strategy("median"), busy(0, 0), busy(500, 50))).containsExactly(1.01, 0.01);
  }

  @Test
  void endpointsThatKeepBothObjectivesLeaveNothingToTheOthers() {
    assertThat(scores(DEFAULTS, busy(50, 5), busy(-20, 5), busy(90, 9), busy(5, -3)))
        .containsExactly(1.01, 0, 0.01, 0);
  }

  @Test
  void anEndpointWithoutPredictionHasNoHeadroom() {
    assertThat(scores(DEFAULTS, UNKNOWN, busy(40, 4), busy(-5, -5))).containsExactly(1.01, 0.01, 0);
  }

  @Test
  void whenAllMissTheIdleOnesWinTheSmallestMissFirst() {
    assertThat(scores(strategy("most"), idle(-100, -10), idle(-50, -5), busy(-1, -1), busy(-30, 4)))
        .containsExactly(0.01, 1.01, 0, 0);
  }

  @Test
  void aMissedTimePerOutputTokenIsTheSmallestEvil() {
    assertThat(scores(DEFAULTS, busy(10, -3), busy(25, -8), busy(-4, 5), busy(-9, -9)))
        .containsExactly(1.01, 0.01, 0, 0);
  }

  @Test
  void aMissedTimeToFirstTokenIsBetterThanTwoMisses() {
    assertThat(scores(DEFAULTS, busy(-40, 5), busy(-90, 8), busy(-9, -9)))
        .containsExactly(1.01, 0.01, 0);
  }

  @Test
  void twoMissesAreRankedByTheSmallestWhateverTheStrategy() {
    assertThat(scores(strategy("most"), busy(-40, -5), busy(-90, -2), busy(-60, -9)))
        .containsExactly(0.92, 0.2, 0.49);
  }

  @Test
  void aDimensionInWhichAllAreEqualLeavesTheDecisionToTheOther() {
    assertThat(scores(DEFAULTS, busy(50, 5), busy(50, 10), busy(50, 30)))
        .containsExactly(1.01, 0.81, 0.01);
    assertThat(scores(DEFAULTS, busy(50, 5), busy(50, 5))).containsExactly(0.51, 0.51);
  }

  @Test
  void weightsAreSharesOfTheirSum() {
    Prediction[] four = {busy(10, 80), busy(20, 60), busy(70, 20), busy(90, 10)};
    assertThat(scores(weights(1, 3), four)).containsExactly(0.26, 0.44, 0.71, 0.76);
  }

  @Test
  void withoutPositiveWeightsOnlyTheTimeToFirstTokenCounts() {
    Prediction[] three = {busy(10, 80), busy(20, 60), busy(70, 20)};
    assertThat(scores(weights(0, 0), three)).containsExactly(1.01, 0.84, 0.01);
    assertThat(scores(weights(-1, 0.2), three)).containsExactly(1.01, 0.84, 0.01);
  }

  @Test
  void aPredictionThatIsNoNumberCountsForNothing() {
    assertThat(scores(DEFAULTS, busy(Double.NaN, 5), busy(0, 0), busy(10, 10)))
        .containsExactly(0, 1.01, 0.01);
    assertThat(scores(DEFAULTS, busy(Double.NaN, 5), busy(0, Double.NaN))).containsExactly(0, 0);
  }

  @Test
  void infiniteHeadroomIsTheFarthest() {
    double infinite = Double.POSITIVE_INFINITY;
    assertThat(scores(DEFAULTS, busy(infinite, infinite), busy(0, 0))).containsExactly(0.01, 1.01);
    assertThat(scores(strategy("most"), busy(infinite, infinite), busy(0, 0)))
        .containsExactly(1.01, 0.01);
  }

  @Test
  void withoutPredictionsLoadAndPrefixDecide() {
    int[] matched = {1, 4, 0, 0};
    int[] totals = {4, 4, -1, 4};
    CycleFixture fixture =
        new CycleFixture()
            .endpoint(load(0, 0, 0.1))
            .endpoint(load(5, 0, 0.5))
            .endpoint(load(10, 0, 0.9))
            .endpoint(load(2, 0, 0))
            .fact(
                PrefixMatches.keyOrDefault(""),
                new PrefixMatches(matched, totals, new int[4], matched));
    assertThat(scores(DEFAULTS, fixture.build())).containsExactly(0.72, 0.67, 0.03, 0.6);
  }

  @Test
  void compositeWeightsAreSharesOfTheirSum() {
    CycleFixture fixture =
        new CycleFixture()
            .endpoint(load(0, 0, 0.33))
            .endpoint(load(3, 0, 0.12))
            .endpoint(load(7, 0, 0.81));
    assertThat(scores(composite(2, 1, 0), fixture.build())).containsExactly(0.78, 0.78, 0.13);
  }

  @Test
  void withoutPositiveCompositeWeightsOnlyTheCacheCounts() {
    SchedulingCycle cycle =
        new CycleFixture().endpoint(load(9, 0, 0.25)).endpoint(load(0, 0, 0.666)).build();
    assertThat(scores(composite(0, 0, 0), cycle)).containsExactly(0.75, 0.33);
    assertThat(scores(composite(1, -2, 0), cycle)).containsExactly(0.75, 0.33);
  }

  @Test
  void halvesAreRoundedAwayFromZero() {
    SchedulingCycle cycle =
        new CycleFixture().endpoint(load(0, 0, 0.875)).endpoint(load(0, 0, 1.125)).build();
    assertThat(scores(composite(1, 0, 0), cycle)).containsExactly(0.13, -0.13);
  }

  @Test
  void requiresPredictionsAndMatchesAndUsesTheLoad() {
    LatencyScorer scorer =
        new LatencyScorer(new Parameters(1, 1, "least", 1, 1, 1, "slow-oracle", "blocks"));
    assertThat(scorer.requires())
        .containsExactlyInAnyOrder(
            LatencyPredictions.key("slow-oracle"), PrefixMatches.key("blocks"));
    assertThat(scorer.uses())
        .containsExactlyInAnyOrder(LoadFields.WAITING_REQUESTS, LoadFields.KV_CACHE_UTILIZATION);
  }

  private static Parameters strategy(String strategy) {
    return new Parameters(0.8, 0.2, strategy, 1, 1, 1, "", "");
  }

  private static Parameters weights(double ttft, double tpot) {
    return new Parameters(ttft, tpot, "least", 1, 1, 1, "", "");
  }

  private static Parameters composite(double kvCache, double queue, double prefix) {
    return new Parameters(0.8, 0.2, "least", kvCache, queue, prefix, "", "");
  }

  /** A prediction for an endpoint to which a request is on its way. */
  private static Prediction busy(double ttftHeadroom, double tpotHeadroom) {
    return new Prediction(true, true, ttftHeadroom, tpotHeadroom, 100, 10, 1);
  }

  private static Prediction idle(double ttftHeadroom, double tpotHeadroom) {
    return new Prediction(false, false, ttftHeadroom, tpotHeadroom, 100, 10, 0);
  }

  private static double[] scores(Parameters parameters, @Nullable Prediction... predictions) {
    return scores(
        parameters,
        new CycleFixture()
            .idle(predictions.length)
            .fact(LatencyPredictions.keyOrDefault(""), new LatencyPredictions(predictions))
            .build());
  }

  private static double[] scores(Parameters parameters, SchedulingCycle cycle) {
    return inOrder(cycle, new LatencyScorer(parameters).score(cycle));
  }
}
