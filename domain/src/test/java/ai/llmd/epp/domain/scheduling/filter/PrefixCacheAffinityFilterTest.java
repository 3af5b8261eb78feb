package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter.Parameters;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter.TtftSource;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PrefixCacheAffinityFilterTest {

  private static final TtftSource ESTIMATED = TtftSource.PREFILL_THROUGHPUT;
  private static final TtftSource PREDICTED = TtftSource.LATENCY_PREDICTOR;

  @Test
  void keepsWhoHoldsMostOfThePrompt() {
    SchedulingCycle cycle = cycle(new int[] {9, 8, 7, 0}, new long[4]);
    assertThat(names(defaults().filter(cycle))).containsExactly("pod-0", "pod-1");
  }

  @Test
  void keepsAllWhenNoneDoes() {
    SchedulingCycle cycle = cycle(new int[] {7, 3}, new long[2]);
    assertThat(defaults().filter(cycle)).isSameAs(cycle.candidates());
  }

  @Test
  void keepsAllWhenStickingCostsTooMuch() {
    SchedulingCycle cycle = cycle(new int[] {5, 4, 1}, new long[] {1600, 1000, 2000});
    assertThat(names(filter(0.5, 500, ESTIMATED, 1000).filter(cycle))).hasSize(3);
    assertThat(names(filter(0.5, 600, ESTIMATED, 1000).filter(cycle))).containsExactly("pod-0");
  }

  @Test
  void sticksAtAnyCostWhenThePenaltyIsZero() {
    SchedulingCycle cycle = cycle(new int[] {10, 0}, new long[] {Long.MAX_VALUE, 0});
    assertThat(names(filter(0.8, 0, ESTIMATED, 0).filter(cycle))).containsExactly("pod-0");
  }

  @Test
  void comparesPredictedTimesWhenConfigured() {
    SchedulingCycle cycle = predicted(300.0, 150.0, null);
    assertThat(names(filter(0.8, 100, PREDICTED, 1).filter(cycle))).hasSize(3);
    assertThat(names(filter(0.8, 200, PREDICTED, 1).filter(cycle))).containsExactly("pod-0");
  }

  @Test
  void takesAMissingPredictionForAnEndlessTime() {
    var filter = filter(0.8, 18_000, PREDICTED, 1);
    assertThat(names(filter.filter(predicted(null, 10.0)))).hasSize(2);
    assertThat(names(filter.filter(predicted(null, null)))).containsExactly("pod-0");
    assertThat(names(filter.filter(predicted(10.0, Double.NaN)))).containsExactly("pod-0");
  }

  @Test
  void aThresholdOfZeroSwitchesItOff() {
    SchedulingCycle cycle = cycle(new int[] {9, 0}, new long[2]);
    assertThat(filter(0, 0, ESTIMATED, 1).filter(cycle)).isSameAs(cycle.candidates());
  }

  @Test
  void keepsAllWithoutMatchesAndASingleCandidateAnyway() {
    SchedulingCycle unknown = new CycleFixture().idle(2).build();
    assertThat(defaults().filter(unknown)).isSameAs(unknown.candidates());
    SchedulingCycle single = cycle(new int[] {0}, new long[1]);
    assertThat(defaults().filter(single)).isSameAs(single.candidates());
  }

  @Test
  void keepsAllNowAndThen() {
    var filter =
        new PrefixCacheAffinityFilter(
            new Parameters(0.8, 0.25, 0, ESTIMATED, OptionalDouble.of(1), "", "", ""));
    SchedulingCycle cycle = cycle(new int[] {9, 0}, new long[2]); // one generator for all trials
    int explored = 0;
    for (int i = 0; i < 4_000; i++) {
      explored += filter.filter(cycle).size() - 1;
    }
    assertThat(explored / 4_000.0).isCloseTo(0.25, within(0.05));
  }

  @Test
  void requiresOnlyWhatItReads() {
    assertThat(defaults().requires())
        .containsExactlyInAnyOrder(PrefixMatches.keyOrDefault(""), InFlightLoad.keyOrDefault(""));
    assertThat(filter(0.8, 0, PREDICTED, 1).requires())
        .containsExactly(PrefixMatches.keyOrDefault(""));
    assertThat(
            new PrefixCacheAffinityFilter(
                    new Parameters(0.8, 0, 1, PREDICTED, OptionalDouble.of(0), "p", "l", "i"))
                .requires())
        .containsExactlyInAnyOrder(PrefixMatches.key("p"), LatencyPredictions.key("l"));
  }

  @Test
  void refusesValuesOutsideTheirRanges() {
    assertThatThrownBy(() -> filter(1.01, 1, ESTIMATED, 1))
        .hasMessage("affinityThreshold must be at most 1, was 1.01");
    assertThatThrownBy(() -> filter(0.8, -1, ESTIMATED, 1))
        .hasMessage("maxTTFTPenaltyMs must be 0 or more, was -1.0");
    assertThatThrownBy(() -> filter(0.8, 1, ESTIMATED, 0))
        .hasMessage("peakPrefillThroughput must be above 0, was 0.0");
    assertThatThrownBy(() -> filter(0.8, 1, PREDICTED, -1))
        .hasMessage("peakPrefillThroughput must be 0 or more, was -1.0");
    assertThatThrownBy(
            () -> new Parameters(0.8, -0.01, 1, ESTIMATED, OptionalDouble.of(1), "", "", ""))
        .hasMessageContaining("explorationProbability");
    assertThatThrownBy(() -> filter(Double.NaN, 1, ESTIMATED, 1))
        .hasMessageContaining("affinityThreshold");
  }

  private static PrefixCacheAffinityFilter defaults() {
    return new PrefixCacheAffinityFilter(PrefixCacheAffinityFilter.TYPE.defaults());
  }

  private static PrefixCacheAffinityFilter filter(
      double threshold, double penalty, TtftSource source, double throughput) {
    return new PrefixCacheAffinityFilter(
        new Parameters(threshold, 0, penalty, source, OptionalDouble.of(throughput), "", "", ""));
  }

  private static SchedulingCycle cycle(int[] matchedOfTen, long[] tokens) {
    return new CycleFixture()
        .idle(matchedOfTen.length)
        .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(matchedOfTen, 10, 16))
        .fact(InFlightLoad.keyOrDefault(""), new InFlightLoad(tokens, tokens))
        .build();
  }

  /** The first holds the whole prompt, the others nothing. */
  private static SchedulingCycle predicted(@Nullable Double... ttftMillis) {
    int[] matched = new int[ttftMillis.length];
    matched[0] = 10;
    @Nullable Prediction[] predictions = new @Nullable Prediction[ttftMillis.length];
    for (int i = 0; i < predictions.length; i++) {
      Double ttft = ttftMillis[i];
      predictions[i] = ttft == null ? null : new Prediction(true, true, 1, 1, ttft, 10, 1);
    }
    return new CycleFixture()
        .idle(matched.length)
        .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(matched, 10, 16))
        .fact(LatencyPredictions.keyOrDefault(""), new LatencyPredictions(predictions))
        .build();
  }
}
