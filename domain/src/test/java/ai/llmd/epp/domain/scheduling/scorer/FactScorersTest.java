package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FactScorersTest {

  @Test
  void prefixScorerGivesTheMatchedShare() {
    SchedulingCycle cycle = prefixes(new int[] {0, 3, 10}, 10, 16);
    var scorer = new PrefixCacheScorer(PrefixCacheScorer.TYPE.defaults());
    assertThat(inOrder(cycle, scorer.score(cycle)))
        .containsExactly(new double[] {0, 0.3, 1}, within(1e-12));
  }

  @Test
  void prefixScorerRewardsLongMatchesWhenConfigured() {
    SchedulingCycle cycle = prefixes(new int[] {8, 16}, 16, 64);
    var scorer = new PrefixCacheScorer(new PrefixCacheScorer.Parameters("", 0.5, 1024));
    assertThat(inOrder(cycle, scorer.score(cycle))).containsExactly(0.375, 1);
  }

  @Test
  void prefixScorerScoresZeroWithoutAFact() {
    SchedulingCycle cycle = new CycleFixture().idle(2).build();
    var scorer = new PrefixCacheScorer(PrefixCacheScorer.TYPE.defaults());
    assertThat(inOrder(cycle, scorer.score(cycle))).containsExactly(0, 0);
  }

  @Test
  void prefixScorerReadsTheProducerThatItsParametersName() {
    var scorer = new PrefixCacheScorer(new PrefixCacheScorer.Parameters("mine", 0, 1));
    assertThat(scorer.requires()).containsExactly(PrefixMatches.key("mine"));
  }

  @Test
  void prefixScorerRefusesAWeightOutsideTheUnitInterval() {
    assertThatThrownBy(() -> new PrefixCacheScorer.Parameters("", 1.1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("matchLengthWeight must be within 0 and 1, was 1.1");
    assertThatThrownBy(() -> new PrefixCacheScorer.Parameters("", Double.NaN, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void prefixScorerOfClustersIsTheSameRuleUnderAnExperimentalName() {
    PluginType<PrefixCacheScorer.Parameters> type = PrefixCacheScorer.MULTICLUSTER_TYPE;
    assertThat(type.name()).isEqualTo("multicluster-prefix-cache-scorer");
    assertThat(type.reportedAs()).isEqualTo(type.name());
    assertThat(type.stability()).isEqualTo(Stability.ALPHA);
    assertThat(type.defaults()).isEqualTo(PrefixCacheScorer.TYPE.defaults());
  }

  @Test
  void activeRequestScorerPrefersFewerRequestsInFlight() {
    SchedulingCycle cycle = inFlight(new long[] {0, 2, 5, 10}, new long[4]);
    var scorer = new ActiveRequestScorer(ActiveRequestScorer.TYPE.defaults());
    assertThat(inOrder(cycle, scorer.score(cycle))).containsExactly(1, 0.8, 0.5, 0);
  }

  @Test
  void activeRequestScorerCapsBusyEndpointsAndForgivesIdleOnes() {
    SchedulingCycle cycle = inFlight(new long[] {0, 2, 3, 8}, new long[4]);
    var scorer = new ActiveRequestScorer(new ActiveRequestScorer.Parameters(2, 0.5, "", ""));
    assertThat(inOrder(cycle, scorer.score(cycle))).containsExactly(1, 1, 0.3125, 0);
  }

  @Test
  void tokenScorerAddsTheTokensOfThisRequest() {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(4)
            .fact(
                InFlightLoad.keyOrDefault(""),
                new InFlightLoad(new long[4], new long[] {200, 0, 999, 0}))
            .fact(UncachedTokens.keyOrDefault(""), new UncachedTokens(new long[] {300, 100, 1, 0}))
            .build();
    var scorer = new TokenLoadScorer(new TokenLoadScorer.Parameters(1000, ""));
    assertThat(inOrder(cycle, scorer.score(cycle))).containsExactly(0.5, 0.9, 0, 1);
  }

  @Test
  void strangeCountsNeverLeaveTheUnitInterval() {
    long[] strange = {Long.MAX_VALUE, Long.MIN_VALUE, -1, 0, 5};
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(strange.length)
            .fact(InFlightLoad.keyOrDefault(""), new InFlightLoad(strange, strange))
            .fact(UncachedTokens.keyOrDefault(""), new UncachedTokens(strange))
            .build();
    var byRequests = new ActiveRequestScorer(ActiveRequestScorer.TYPE.defaults());
    var byTokens = new TokenLoadScorer(TokenLoadScorer.TYPE.defaults());
    assertThat(Arrays.stream(inOrder(cycle, byRequests.score(cycle))))
        .allMatch(s -> s >= 0 && s <= 1);
    assertThat(inOrder(cycle, byTokens.score(cycle)))
        .containsExactly(0, 1, 1, 1, 1 - 10.0 / (4 << 20));
  }

  private static SchedulingCycle prefixes(int[] matched, int total, int blockTokens) {
    return new CycleFixture()
        .idle(matched.length)
        .fact(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(matched, total, blockTokens))
        .build();
  }

  private static SchedulingCycle inFlight(long[] requests, long[] tokens) {
    return new CycleFixture()
        .idle(requests.length)
        .fact(InFlightLoad.keyOrDefault(""), new InFlightLoad(requests, tokens))
        .build();
  }
}
