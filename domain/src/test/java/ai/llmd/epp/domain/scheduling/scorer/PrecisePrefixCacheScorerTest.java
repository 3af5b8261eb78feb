package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import org.junit.jupiter.api.Test;

class PrecisePrefixCacheScorerTest {

  private final PrecisePrefixCacheScorer scorer = new PrecisePrefixCacheScorer("pps");

  @Test
  void readsTheProducerItIsBoundTo() {
    assertThat(scorer.requires()).containsExactly(PrefixMatches.key("pps"));
  }

  @Test
  void givesTheMatchedShare() {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(3)
            .fact(PrefixMatches.key("pps"), PrefixMatches.uniform(new int[] {3, 0, 10}, 10, 16))
            .fact(
                PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[] {0, 10, 0}, 10, 16))
            .build();
    assertThat(inOrder(cycle, scorer.score(cycle)))
        .containsExactly(new double[] {0.3, 0, 1}, within(1e-12));
  }
}
