package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * A number for each candidate, in an array by slot. A candidate without one is <em>unscored</em>:
 * it contributes nothing to a weighted sum.
 */
public final class Scores {

  /** How an unscored slot is kept; a scorer that computes NaN leaves its candidate unscored. */
  private static final double UNSCORED = Double.NaN;

  /** Quantities are cut to this, so that the difference of two is finite. */
  private static final double MOST = Double.MAX_VALUE / 2;

  private final double[] bySlot;

  private Scores(double[] bySlot) {
    this.bySlot = bySlot;
  }

  /** One score per candidate; NaN leaves a candidate unscored. */
  public static Scores of(SchedulingCycle cycle, ToDoubleFunction<Candidate> score) {
    Candidates candidates = cycle.candidates();
    double[] bySlot = unscored(candidates);
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      bySlot[candidate.slot()] = score.applyAsDouble(candidate);
    }
    return new Scores(bySlot);
  }

  /** The same score for every candidate. */
  public static Scores all(SchedulingCycle cycle, double score) {
    return of(cycle, candidate -> score);
  }

  /**
   * Min–max: the lowest quantity scores 1, the highest 0, {@code (max - x) / (max - min)} between;
   * equal quantities all score 1. A candidate whose quantity is infinite or NaN stays unscored and
   * does not stretch the range of the others.
   */
  public static Scores lowestWins(SchedulingCycle cycle, ToDoubleFunction<Candidate> quantity) {
    Candidates candidates = cycle.candidates();
    double[] bySlot = unscored(candidates);
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      double x = quantity.applyAsDouble(candidate);
      if (Double.isFinite(x)) {
        x = Math.clamp(x, -MOST, MOST);
        bySlot[candidate.slot()] = x;
        min = Math.min(min, x);
        max = Math.max(max, x);
      }
    }
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      if (!Double.isNaN(bySlot[slot])) {
        bySlot[slot] = max == min ? 1 : (max - bySlot[slot]) / (max - min);
      }
    }
    return new Scores(bySlot);
  }

  /** Zero for every candidate: where a weighted sum starts. */
  static Scores zero(Candidates candidates) {
    double[] bySlot = unscored(candidates);
    for (int i = 0; i < candidates.size(); i++) {
      bySlot[candidates.get(i).slot()] = 0;
    }
    return new Scores(bySlot);
  }

  /**
   * Adds {@code clamp(score, 0, 1) * weight} for every candidate that was scored. A sum too large
   * for a double stays at its end of the range: an infinite one would turn into NaN when the next
   * scorer weighs the other way.
   */
  void add(Candidates candidates, Scores scores, double weight) {
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      double score = scores.at(slot);
      if (!Double.isNaN(score)) {
        double sum = bySlot[slot] + Math.clamp(score, 0, 1) * weight;
        bySlot[slot] = Math.clamp(sum, -Double.MAX_VALUE, Double.MAX_VALUE);
      }
    }
  }

  public boolean isScored(int slot) {
    return slot < bySlot.length && !Double.isNaN(bySlot[slot]);
  }

  /** The candidate's number; NaN when it is unscored. */
  public double at(int slot) {
    return slot < bySlot.length ? bySlot[slot] : UNSCORED;
  }

  private static double[] unscored(Candidates candidates) {
    double[] bySlot = new double[candidates.slotCount()];
    Arrays.fill(bySlot, UNSCORED);
    return bySlot;
  }
}
