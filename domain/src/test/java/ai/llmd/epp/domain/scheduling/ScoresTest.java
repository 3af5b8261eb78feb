package ai.llmd.epp.domain.scheduling;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import org.junit.jupiter.api.Test;

class ScoresTest {

  private static final double HUGE = Double.MAX_VALUE;
  private static final double INFINITE = Double.POSITIVE_INFINITY;

  @Test
  void quantitiesThatAreNoFiniteNumbersAreLeftOutOfTheRange() {
    assertThat(lowestWins(4, INFINITE, 0, Double.NaN, 8, -INFINITE))
        .containsExactly(0.5, Double.NaN, 1, Double.NaN, 0, Double.NaN);
  }

  @Test
  void theWidestRangeStillHasAMiddle() {
    assertThat(lowestWins(-HUGE, 0, HUGE)).containsExactly(1, 0.5, 0);
  }

  @Test
  void noQuantityAtAllLeavesEveryCandidateUnscored() {
    assertThat(lowestWins(Double.NaN, INFINITE)).containsExactly(Double.NaN, Double.NaN);
  }

  @Test
  void sumsStayFiniteAndTheNextScorerStillCounts() {
    SchedulingCycle cycle = new CycleFixture().idle(1).build();
    Scores totals = Scores.zero(cycle.candidates());
    Scores best = Scores.all(cycle, 1);

    totals.add(cycle.candidates(), best, HUGE);
    totals.add(cycle.candidates(), best, HUGE);
    assertThat(totals.at(0)).isEqualTo(HUGE);
    totals.add(cycle.candidates(), best, -HUGE);
    assertThat(totals.at(0)).isZero();
  }

  @Test
  void scoresAreClampedAndNaNAddsNothing() {
    double[] raw = {-INFINITE, -0.2, 0.3, 1.01, INFINITE, Double.NaN};
    SchedulingCycle cycle = new CycleFixture().idle(raw.length).build();
    Scores totals = Scores.zero(cycle.candidates());
    totals.add(cycle.candidates(), Scores.of(cycle, candidate -> raw[candidate.slot()]), 2);
    assertThat(inOrder(cycle, totals)).containsExactly(0, 0, 0.6, 2, 2, 0);
  }

  @Test
  void aWeightIsAFiniteNumber() {
    Named<Scorer> scorer = new Named<>("best", "test", cycle -> Scores.all(cycle, 1));
    assertThatThrownBy(() -> new WeightedScorer(scorer, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weight must be finite, was NaN");
  }

  private static double[] lowestWins(double... quantities) {
    SchedulingCycle cycle = new CycleFixture().idle(quantities.length).build();
    return inOrder(cycle, Scores.lowestWins(cycle, candidate -> quantities[candidate.slot()]));
  }
}
