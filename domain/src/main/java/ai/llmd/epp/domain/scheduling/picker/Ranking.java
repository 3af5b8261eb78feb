package ai.llmd.epp.domain.scheduling.picker;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import java.util.random.RandomGenerator;

/**
 * The candidates with the highest keys, ties broken uniformly at random.
 *
 * <p>One pass per pick: the best so far is kept, and the {@code n}-th candidate that ties with it
 * takes its place with probability {@code 1 / n}. One pick is the rule, so this is linear, sorts
 * nothing, and draws a random number for ties only.
 */
final class Ranking {

  private Ranking() {}

  /**
   * @param keys by position in {@code candidates}; NaN ranks lowest. Destroyed.
   * @param count how many, at most the number of candidates
   */
  static Candidates highest(
      Candidates candidates, double[] keys, int count, RandomGenerator random) {
    Candidate[] left = new Candidate[candidates.size()];
    for (int i = 0; i < left.length; i++) {
      left[i] = candidates.get(i);
    }
    for (int picked = 0; picked < count; picked++) {
      int best = indexOfHighest(keys, picked, random);
      Candidate candidate = left[best];
      left[best] = left[picked];
      left[picked] = candidate;
      keys[best] = keys[picked];
    }
    return candidates.select(left, count);
  }

  private static int indexOfHighest(double[] keys, int from, RandomGenerator random) {
    int best = from;
    double highest = orLowest(keys[from]);
    int ties = 1;
    for (int i = from + 1; i < keys.length; i++) {
      double key = orLowest(keys[i]);
      if (key > highest) {
        best = i;
        highest = key;
        ties = 1;
      } else if (key == highest && random.nextInt(++ties) == 0) {
        best = i;
      }
    }
    return best;
  }

  private static double orLowest(double key) {
    return Double.isNaN(key) ? Double.NEGATIVE_INFINITY : key;
  }
}
