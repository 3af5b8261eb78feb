package ai.llmd.epp.domain.scheduling.picker;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;

/** Picks the candidates with the highest weighted sums, ties broken uniformly at random. */
public final class MaxScorePicker implements Picker {

  public static final PluginType<PickerParameters> TYPE =
      PluginType.of("max-score-picker", PickerParameters.DEFAULT, MaxScorePicker::new);

  private final PickerParameters parameters;

  public MaxScorePicker(PickerParameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public Candidates pick(SchedulingCycle cycle, Scores totals) {
    Candidates candidates = cycle.candidates();
    double[] keys = new double[candidates.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = totals.at(candidates.get(i).slot());
    }
    return Ranking.highest(candidates, keys, parameters.of(keys.length), cycle.random());
  }
}
