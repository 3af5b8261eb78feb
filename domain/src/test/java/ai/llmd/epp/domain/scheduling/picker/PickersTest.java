package ai.llmd.epp.domain.scheduling.picker;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PickersTest {

  private static List<Picker> all(int count) {
    var parameters = new PickerParameters(count);
    return List.of(
        new MaxScorePicker(parameters),
        new RandomPicker(parameters),
        new WeightedRandomPicker(parameters));
  }

  @Test
  void maxScorePickerOrdersBySum() {
    assertThat(names(pick(new MaxScorePicker(new PickerParameters(9)), 1, 0.2, 2.5, 1)))
        .containsExactly("pod-1", "pod-2", "pod-0");
  }

  @Test
  void nonPositiveCountsMeanOne() {
    assertThat(pick(new MaxScorePicker(new PickerParameters(-3)), 1, 1, 2).size()).isEqualTo(1);
  }

  @Test
  void maxScorePickerBreaksTiesUniformlyAtEveryRank() {
    int[] first = new int[4];
    int[] second = new int[4];
    var random = new Random(7);
    SchedulingCycle cycle = new CycleFixture().idle(4).build();
    cycle = new SchedulingCycle(cycle.request(), cycle.candidates(), cycle.facts(), random, 0);
    Scores equal = Scores.all(cycle, 1);
    for (int i = 0; i < 20_000; i++) {
      Candidates picks = new MaxScorePicker(new PickerParameters(2)).pick(cycle, equal);
      first[picks.get(0).slot()]++;
      second[picks.get(1).slot()]++;
    }
    for (int slot = 0; slot < 4; slot++) {
      assertThat(first[slot] / 20_000.0).isCloseTo(0.25, within(0.02));
      assertThat(second[slot] / 20_000.0).isCloseTo(0.25, within(0.02));
    }
  }

  @Test
  void weightedRandomPickerPutsPositiveSumsBeforeTheRest() {
    for (long seed = 0; seed < 200; seed++) {
      Candidates picks =
          pick(new WeightedRandomPicker(new PickerParameters(4)), seed, 0, 3, -1, 1e-300);
      assertThat(List.of(picks.get(0).slot(), picks.get(1).slot())).containsExactlyInAnyOrder(1, 3);
    }
  }

  @RepeatedTest(100)
  void everyPickIsACandidateAndNoneIsPickedTwice(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    double[] strange = {0, -1, 1, Double.NaN, Double.POSITIVE_INFINITY, 1e-320, -Double.MAX_VALUE};
    double[] totals = new double[1 + random.nextInt(12)];
    Arrays.setAll(totals, i -> strange[random.nextInt(strange.length)]);
    int count = 1 + random.nextInt(12);
    for (Picker picker : all(count)) {
      List<String> picks = names(pick(picker, random.nextLong(), totals));
      assertThat(picks).hasSize(Math.min(count, totals.length)).doesNotHaveDuplicates();
      assertThat(picks).allMatch(name -> Integer.parseInt(name.substring(4)) < totals.length);
    }
  }

  @RepeatedTest(20)
  void theSameSeedGivesTheSamePicks(RepetitionInfo round) {
    long seed = round.getCurrentRepetition();
    for (Picker picker : all(3)) {
      assertThat(names(pick(picker, seed, 1, 1, 2, 2, 0)))
          .isEqualTo(names(pick(picker, seed, 1, 1, 2, 2, 0)));
    }
  }

  private static Candidates pick(Picker picker, long seed, double... totals) {
    SchedulingCycle cycle = new CycleFixture().idle(totals.length).seed(seed).build();
    return picker.pick(cycle, Scores.of(cycle, candidate -> totals[candidate.slot()]));
  }
}
