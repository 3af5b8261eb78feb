package ai.llmd.epp.domain.scheduling.picker;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;

/** Picks uniformly at random, whatever the weighted sums say. */
public final class RandomPicker implements Picker {

  public static final PluginType<PickerParameters> TYPE =
      PluginType.of("random-picker", PickerParameters.DEFAULT, RandomPicker::new);

  private final PickerParameters parameters;

  public RandomPicker(PickerParameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public Candidates pick(SchedulingCycle cycle, Scores totals) {
    Candidates candidates = cycle.candidates();
    int size = candidates.size();
    int count = parameters.of(size);
    Candidate[] left = new Candidate[size];
    for (int i = 0; i < size; i++) {
      left[i] = candidates.get(i);
    }
    for (int i = 0; i < count; i++) { // the head of a Fisher–Yates shuffle
      int chosen = cycle.random().nextInt(i, size);
      Candidate candidate = left[chosen];
      left[chosen] = left[i];
      left[i] = candidate;
    }
    return candidates.select(left, count);
  }
}
