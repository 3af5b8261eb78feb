package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A number for each candidate, in an array by slot. A candidate without one is <em>unscored</em>:
 * it contributes nothing to a weighted sum.
 *
 * <p>One that is unscored because its server has never reported the quantity is no worse for it: a
 * weighted sum lets it be as good as the best candidate whose sum is known, and no better, as far
 * as the scores that it lacks can account for that. So a fresh server gets requests, and one that
 * never reports anything does not get all of them.
 */
public final class Scores {

  /** How an unscored slot is kept; a scorer that computes NaN leaves its candidate unscored. */
  private static final double UNSCORED = Double.NaN;

  /** Quantities are cut to this, so that the difference of two is finite. */
  private static final double MOST = Double.MAX_VALUE / 2;

  private final double[] bySlot;

  /**
   * By slot, how much of the sum is assumed because a quantity was never reported; NaN where
   * nothing is. In single scores only whether it is NaN counts. Null when everything was reported.
   */
  private double @Nullable [] assumed;

  private Scores(double[] bySlot) {
    this.bySlot = bySlot;
  }

  /**
   * One score per candidate whose server has reported what it takes; the others are unscored.
   *
   * @param isReported whether the server has reported it
   * @param score NaN leaves a candidate unscored, too
   */
  public static Scores ofReported(
      SchedulingCycle cycle, Predicate<Candidate> isReported, ToDoubleFunction<Candidate> score) {
    Scores scores = of(cycle, one -> isReported.test(one) ? score.applyAsDouble(one) : UNSCORED);
    scores.noteUnreported(cycle.candidates(), isReported);
    return scores;
  }

  /**
   * The same as {@link #lowestWins} over the candidates whose servers have reported the quantity;
   * the others are unscored.
   */
  public static Scores lowestReportedWins(
      SchedulingCycle cycle,
      Predicate<Candidate> isReported,
      ToDoubleFunction<Candidate> quantity) {
    Scores scores =
        lowestWins(cycle, one -> isReported.test(one) ? quantity.applyAsDouble(one) : UNSCORED);
    scores.noteUnreported(cycle.candidates(), isReported);
    return scores;
  }

  private void noteUnreported(Candidates candidates, Predicate<Candidate> isReported) {
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      if (!isReported.test(candidate)) {
        assume(candidates, candidate.slot(), 0);
      }
    }
  }

  private void assume(Candidates candidates, int slot, double range) {
    double[] already = assumed;
    if (already == null) {
      already = unscored(candidates);
      assumed = already;
    }
    already[slot] = Double.isNaN(already[slot]) ? range : already[slot] + range;
  }

  private static boolean isAssumed(double @Nullable [] assumed, int slot) {
    return assumed != null && !Double.isNaN(assumed[slot]);
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
        addTo(slot, Math.clamp(score, 0, 1) * weight);
      }
    }
    if (scores.assumed != null) {
      addAssumed(candidates, scores, weight);
    }
  }

  private void addTo(int slot, double part) {
    bySlot[slot] = Math.clamp(bySlot[slot] + part, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  /** What was never reported is assumed to be as good as the best score there is. */
  private void addAssumed(Candidates candidates, Scores scores, double weight) {
    double worst = Double.POSITIVE_INFINITY;
    double best = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      double score = scores.at(candidates.get(i).slot());
      if (!Double.isNaN(score)) {
        double part = Math.clamp(score, 0, 1) * weight;
        worst = Math.min(worst, part);
        best = Math.max(best, part);
      }
    }
    boolean isKnownOfAny = best >= worst;
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      if (isAssumed(scores.assumed, slot)) {
        addTo(slot, isKnownOfAny ? best : 0);
        assume(candidates, slot, isKnownOfAny ? best - worst : 0);
      }
    }
  }

  /**
   * Takes back from the sums what was assumed too much: who is ahead of every candidate of which
   * all is known, but would not be with the worst scores there are, draws level with the best of
   * those. Call once, after the last {@link #add}.
   */
  void settleAssumed(Candidates candidates) {
    if (assumed == null) {
      return;
    }
    double bestKnown = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      bestKnown = isAssumed(assumed, slot) ? bestKnown : Math.max(bestKnown, bySlot[slot]);
    }
    if (bestKnown == Double.NEGATIVE_INFINITY) {
      return; // nothing is known better of any
    }
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      if (isAssumed(assumed, slot) && bySlot[slot] > bestKnown) {
        bySlot[slot] = Math.max(bestKnown, bySlot[slot] - assumed[slot]);
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
