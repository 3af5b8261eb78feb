package ai.llmd.epp.domain.scheduling.picker;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.random.RandomGenerator;

/**
 * Picks at random in proportion to the weighted sums. Candidates without a positive sum come last,
 * in random order; when there is no other, all are equally likely.
 *
 * <p>Weighted sampling without replacement after Efraimidis and Spirakis, "Weighted random sampling
 * with a reservoir" (2006): the highest {@code U^(1/weight)} win. The keys here are their
 * logarithms, which order alike and do not underflow for small weights.
 */
public final class WeightedRandomPicker implements Picker {

  public static final PluginType<PickerParameters> TYPE =
      PluginType.of("weighted-random-picker", PickerParameters.DEFAULT, WeightedRandomPicker::new);

  private final PickerParameters parameters;

  public WeightedRandomPicker(PickerParameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public Candidates pick(SchedulingCycle cycle, Scores totals) {
    Candidates candidates = cycle.candidates();
    double[] keys = new double[candidates.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(totals.at(candidates.get(i).slot()), cycle.random());
    }
    return Ranking.highest(candidates, keys, parameters.of(keys.length), cycle.random());
  }

  private static double key(double weight, RandomGenerator random) {
    if (!(weight > 0)) {
      return Double.NEGATIVE_INFINITY;
    }
    double uniform = 1 - random.nextDouble(); // within (0, 1], so that the logarithm is finite
    return Math.max(-Double.MAX_VALUE, Math.log(uniform) / weight);
  }
}
