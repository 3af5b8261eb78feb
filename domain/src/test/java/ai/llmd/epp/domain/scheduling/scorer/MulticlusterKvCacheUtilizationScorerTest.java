package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.reporting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MulticlusterKvCacheUtilizationScorerTest {

  private static final String KEY = "llm-d.ai/multicluster-kv-cache-utilization/";

  private final MulticlusterKvCacheUtilizationScorer scorer =
      new MulticlusterKvCacheUtilizationScorer();

  @Test
  void givesTheFreeShare() {
    SchedulingCycle cycle =
        new CycleFixture()
            .endpoint(reporting(Map.of(KEY, 0.2)))
            .endpoint(reporting(Map.of(KEY, 0.9)))
            .endpoint(reporting(Map.of(KEY, 1.5)))
            .build();
    assertThat(inOrder(cycle, scorer.score(cycle)))
        .containsExactly(new double[] {0.8, 0.1, -0.5}, within(1e-12));
  }

  @Test
  void aClusterThatReportsNoUtilizationStaysUnscored() {
    SchedulingCycle cycle = new CycleFixture().endpoint(EndpointLoad.UNSAMPLED).build();
    assertThat(scorer.score(cycle).isScored(0)).isFalse();
  }

  @Test
  void requiresAnExtractorOfTheUtilization() {
    assertThat(scorer.requires()).extracting(Object::toString).containsExactly(KEY);
    assertThat(MulticlusterKvCacheUtilizationScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
  }
}
