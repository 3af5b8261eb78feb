package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;

/**
 * Ranks predictions of one request by how far they are from the objectives, on either side: the
 * headrooms of each dimension become shares of their range, {@code (|h| - min) / (max - min)}, 0.5
 * when the range is none, and the weighted shares a score in steps of 0.01 from 0.01 to 1.01.
 *
 * <p>Include every prediction, then ask for scores. Belongs to the request's thread.
 */
final class HeadroomRanking {

  /** Headrooms are cut to this, so that the difference of two is finite. */
  private static final double MAX_MILLIS = Double.MAX_VALUE / 2;

  /** Narrower ranges mean nothing. */
  private static final double NARROW_MILLIS = 1e-9;

  /** How much either dimension counts; the two add up to 1. */
  record Weights(double ttft, double tpot) {

    private static final Weights ONLY_TTFT = new Weights(1, 0);
    private static final Weights ONLY_TPOT = new Weights(0, 1);

    /** Weights as configured; only the first counts when their sum is not positive. */
    static Weights of(double ttft, double tpot) {
      double sum = ttft + tpot;
      return sum > 0 ? new Weights(ttft / sum, tpot / sum) : ONLY_TTFT;
    }
  }

  private final Weights weights;
  private final boolean isMostBest;
  private double minTtft = Double.POSITIVE_INFINITY;
  private double maxTtft = Double.NEGATIVE_INFINITY;
  private double minTpot = Double.POSITIVE_INFINITY;
  private double maxTpot = Double.NEGATIVE_INFINITY;

  /**
   * @param isMostBest whether the predictions farthest from the objectives score best
   */
  HeadroomRanking(Weights weights, boolean isMostBest) {
    this.weights = weights;
    this.isMostBest = isMostBest;
  }

  /** Widens the ranges; a headroom is not NaN. */
  void include(Prediction prediction) {
    double ttft = distance(prediction.ttftHeadroomMillis());
    double tpot = distance(prediction.tpotHeadroomMillis());
    minTtft = Math.min(minTtft, ttft);
    maxTtft = Math.max(maxTtft, ttft);
    minTpot = Math.min(minTpot, tpot);
    maxTpot = Math.max(maxTpot, tpot);
  }

  /** The score of a prediction that was included. */
  double scoreOf(Prediction prediction) {
    Weights effective = effectiveWeights();
    double far =
        effective.ttft() * share(prediction.ttftHeadroomMillis(), minTtft, maxTtft)
            + effective.tpot() * share(prediction.tpotHeadroomMillis(), minTpot, maxTpot);
    long hundredths = (long) (100 * (isMostBest ? far : 1 - far)); // cut towards zero
    return (hundredths + 1) / 100.0;
  }

  /** A dimension in which all are equal leaves the decision to the other. */
  private Weights effectiveWeights() {
    boolean isTtftNarrow = isNarrow(minTtft, maxTtft);
    if (isTtftNarrow == isNarrow(minTpot, maxTpot)) {
      return weights;
    }
    return isTtftNarrow ? Weights.ONLY_TPOT : Weights.ONLY_TTFT;
  }

  private static double share(double headroomMillis, double min, double max) {
    return isNarrow(min, max) ? 0.5 : (distance(headroomMillis) - min) / (max - min);
  }

  private static boolean isNarrow(double min, double max) {
    return max - min <= NARROW_MILLIS;
  }

  private static double distance(double headroomMillis) {
    return Math.min(Math.abs(headroomMillis), MAX_MILLIS);
  }
}
