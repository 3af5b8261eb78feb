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

class MulticlusterQueueScorerTest {

  private static final String KEY = "llm-d.ai/multicluster-queue-size/";

  private final MulticlusterQueueScorer scorer = new MulticlusterQueueScorer();

  @Test
  void prefersTheClusterWithTheShorterQueue() {
    assertThat(scores(4, 10, 0.5))
        .containsExactly(new double[] {0.631578947368421, 0, 1}, within(1e-12));
  }

  @Test
  void equalQueuesAllScoreOne() {
    assertThat(scores(3, 3)).containsExactly(1, 1);
  }

  @Test
  void aClusterThatReportsNoQueueStaysUnscored() {
    SchedulingCycle cycle =
        new CycleFixture()
            .endpoint(EndpointLoad.UNSAMPLED)
            .endpoint(reporting(Map.of(KEY, 3.0)))
            .build();
    assertThat(scorer.score(cycle).isScored(0)).isFalse();
    assertThat(scorer.score(cycle).at(1)).isEqualTo(1);
  }

  @Test
  void requiresAnExtractorOfTheQueue() {
    assertThat(scorer.requires()).extracting(Object::toString).containsExactly(KEY);
    assertThat(MulticlusterQueueScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
  }

  private double[] scores(double... queues) {
    CycleFixture fixture = new CycleFixture();
    for (double queue : queues) {
      fixture.endpoint(reporting(Map.of(KEY, queue)));
    }
    SchedulingCycle cycle = fixture.build();
    return inOrder(cycle, scorer.score(cycle));
  }
}
