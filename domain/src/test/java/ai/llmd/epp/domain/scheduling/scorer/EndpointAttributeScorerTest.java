package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.reporting;
import static ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.Direction.HIGHER_IS_BETTER;
import static ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.Direction.LOWER_IS_BETTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.AdaptiveRange;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.Algorithm;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.Direction;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.FixedRange;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.Normalization;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer.Parameters;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EndpointAttributeScorerTest {

  private static final String KEY = "custom.queue/core-metrics-extractor";
  private static final double MISSING = Double.MIN_VALUE; // stands for "reports no number"
  private static final double INFINITE = Double.POSITIVE_INFINITY;
  private static final FixedRange PERCENT = new FixedRange(0, 100);

  @Test
  void anAdaptiveRangeSpansTheCandidatesThatHaveTheNumber() {
    assertThat(scores(LOWER_IS_BETTER, null, 10, 20, MISSING, 50, 10))
        .containsExactly(1, 0.75, 0, 0, 1);
    assertThat(scores(HIGHER_IS_BETTER, null, 10, 20, MISSING, 50, 10))
        .containsExactly(0, 0.25, 0, 1, 0);
  }

  @Test
  void equalNumbersScoreOneInEitherDirection() {
    assertThat(scores(LOWER_IS_BETTER, null, 7, 7, MISSING)).containsExactly(1, 1, 0);
    assertThat(scores(HIGHER_IS_BETTER, null, 7, 7, MISSING)).containsExactly(1, 1, 0);
  }

  @Test
  void aFixedRangeCutsWhatLiesOutside() {
    assertThat(scores(LOWER_IS_BETTER, PERCENT, 0, 25, 150, -5, MISSING))
        .containsExactly(1, 0.75, 0, 1, 0);
    assertThat(scores(HIGHER_IS_BETTER, PERCENT, 0, 25, 150, -5, MISSING))
        .containsExactly(0, 0.25, 1, 0, 0);
  }

  @Test
  void noNumberAtAllScoresZero() {
    assertThat(scores(LOWER_IS_BETTER, null, MISSING, Double.NaN)).containsExactly(0, 0);
    assertThat(scores(LOWER_IS_BETTER, PERCENT, MISSING, Double.NaN)).containsExactly(0, 0);
  }

  @Test
  void infiniteNumbersAreCutByAFixedRangeAndLeftOutOfAnAdaptiveOne() {
    assertThat(scores(LOWER_IS_BETTER, PERCENT, INFINITE, -INFINITE, 50))
        .containsExactly(0, 1, 0.5);
    assertThat(scores(LOWER_IS_BETTER, null, INFINITE, 10, -INFINITE, 30, 20))
        .containsExactly(0, 1, 0, 0, 0.5);
  }

  @Test
  void theWidestAdaptiveRangeStillHasAMiddle() {
    assertThat(scores(HIGHER_IS_BETTER, null, -Double.MAX_VALUE, 0, Double.MAX_VALUE))
        .containsExactly(0, 0.5, 1);
  }

  @Test
  void theExtractorIsPartOfTheKey() {
    assertThat(scorer("gpu", null).uses())
        .extracting(Object::toString)
        .containsExactly("gpu/core-metrics-extractor");
    assertThat(scorer("a/b", "").uses()).extracting(Object::toString).containsExactly("a/b/");
    assertThat(EndpointAttributeScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
  }

  @Test
  void aSlashInTheNameNeedsAnExplicitProducer() {
    assertThatThrownBy(() -> scorer("a/b", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attributeKey must not contain '/' unless producer is given, was \"a/b\"");
  }

  @Test
  void nameAndDirectionAreRequired() {
    assertThatThrownBy(() -> scorer("", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attributeKey is required");
    var undirected = new Algorithm(null, new Normalization(null, null));
    assertThatThrownBy(() -> new EndpointAttributeScorer(new Parameters("a", null, undirected)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("algorithm.type is required");
  }

  @Test
  void aFixedRangeHasAWidth() {
    assertThatThrownBy(() -> new FixedRange(1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fixedRange must have a min below its max and a finite width, was 1.0 to 1.0");
    assertThatThrownBy(() -> new FixedRange(0, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FixedRange(-Double.MAX_VALUE, Double.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void twoRangesExcludeEachOther() {
    assertThatThrownBy(() -> new Normalization(PERCENT, new AdaptiveRange()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fixedRange and adaptiveRange exclude each other");
  }

  private static double[] scores(
      Direction direction, @Nullable FixedRange range, double... numbers) {
    CycleFixture fixture = new CycleFixture();
    for (double number : numbers) {
      fixture.endpoint(number == MISSING ? EndpointLoad.UNSAMPLED : reporting(Map.of(KEY, number)));
    }
    SchedulingCycle cycle = fixture.build();
    var algorithm = new Algorithm(direction, new Normalization(range, null));
    var parameters = new Parameters("custom.queue", null, algorithm);
    return inOrder(cycle, new EndpointAttributeScorer(parameters).score(cycle));
  }

  private static EndpointAttributeScorer scorer(String attributeKey, @Nullable String producer) {
    var algorithm = new Algorithm(LOWER_IS_BETTER, new Normalization(null, null));
    return new EndpointAttributeScorer(new Parameters(attributeKey, producer, algorithm));
  }
}
