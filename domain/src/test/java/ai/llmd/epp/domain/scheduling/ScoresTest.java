package ai.llmd.epp.domain.scheduling;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import java.util.Arrays;
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

  @Test
  void whatWasNeverReportedCountsAsTheBestOfTheOthersAndNotMore() {
    assertThat(totals(new double[] {0.2, 0.9, NEVER}, new double[] {0.5, 0.5, 0.5}))
        .containsExactly(0.7, 1.4, 1.4);
    assertThat(totals(new double[] {1, 0, NEVER}, new double[] {0, 1, NEVER}))
        .as("the best of two scorers are two candidates")
        .containsExactly(1, 1, 1);
  }

  @Test
  void whatIsKnownOfAServerStillCounts() {
    assertThat(totals(new double[] {0.4, 0.8, NEVER}, new double[] {0, 0, 1}))
        .as("better than all with the worst score there is")
        .containsExactly(0.4, 0.8, 1.4);
    assertThat(totals(new double[] {0.4, 0.8, NEVER}, new double[] {1, 1, 0}))
        .as("worse than the best with the best score there is")
        .containsExactly(1.4, 1.8, 0.8);
  }

  @Test
  void whatNoServerHasReportedCountsForNone() {
    assertThat(totals(new double[] {NEVER, NEVER}, new double[] {0.3, 0.7}))
        .containsExactly(0.3, 0.7);
    assertThat(totals(new double[] {NEVER, NEVER}, new double[] {0.5, NEVER}))
        .as("of no server everything is known")
        .containsExactly(0.5, 0.5);
  }

  @Test
  void anUnscoredCandidateThatDidReportGetsNothing() {
    assertThat(totals(new double[] {0.4, Double.NaN}, new double[] {0, 0})).containsExactly(0.4, 0);
  }

  @Test
  void aNegativeWeightTurnsTheBestAround() {
    SchedulingCycle cycle = new CycleFixture().idle(3).build();
    Scores totals = Scores.zero(cycle.candidates());
    totals.add(cycle.candidates(), scores(cycle, 0.25, 1, NEVER), -2);
    totals.settleAssumed(cycle.candidates());
    assertThat(inOrder(cycle, totals)).containsExactly(-0.5, -2, -0.5);
  }

  private static final double NEVER = Double.POSITIVE_INFINITY;

  private static Scores scores(SchedulingCycle cycle, double... raw) {
    return Scores.ofReported(cycle, one -> raw[one.slot()] != NEVER, one -> raw[one.slot()]);
  }

  private static double[] totals(double[]... byScorer) {
    SchedulingCycle cycle = new CycleFixture().idle(byScorer[0].length).build();
    Scores totals = Scores.zero(cycle.candidates());
    for (double[] raw : byScorer) {
      totals.add(cycle.candidates(), scores(cycle, raw), 1);
    }
    totals.settleAssumed(cycle.candidates());
    return Arrays.stream(inOrder(cycle, totals)).map(x -> Math.round(x * 1e9) / 1e9).toArray();
  }

  private static double[] lowestWins(double... quantities) {
    SchedulingCycle cycle = new CycleFixture().idle(quantities.length).build();
    return inOrder(cycle, Scores.lowestWins(cycle, candidate -> quantities[candidate.slot()]));
  }
}
