package ai.llmd.epp.domain.ttft;

import java.time.Duration;

/**
 * Which observations of an endpoint count, and how they are summed up.
 *
 * @param every time between two computations
 * @param maxAge of an observation that is recent
 * @param maxRecent observations that are recent, at most
 * @param minObservations from which on an endpoint counts as known
 * @param lowPercentile within 0 and 100, below {@code typicalPercentile}
 * @param typicalPercentile within 0 and 100
 * @param maxKept observations that are kept of an endpoint, at most
 * @param bucket time whose fastest answers count as one
 * @param maxBuckets that are kept, 2 or more
 */
public record ObservationRules(
    Duration every,
    Duration maxAge,
    int maxRecent,
    int minObservations,
    double lowPercentile,
    double typicalPercentile,
    int maxKept,
    Duration bucket,
    int maxBuckets) {

  /** Of observations and of buckets, for one endpoint; bounds the memory. */
  public static final int MOST = 100_000;

  public ObservationRules {
    requirePositive("intervalDuration", every);
    requirePositive("maxObservationAge", maxAge);
    requirePositive("bucketDuration", bucket);
    require(maxKept >= 1 && maxKept <= MOST, "windowSize must be within 1 and " + MOST);
    require(maxRecent >= 1 && maxRecent <= maxKept, "maxRequests must be within 1 and windowSize");
    require(minObservations >= 1, "minRequests must be 1 or more");
    require(
        lowPercentile > 0 && lowPercentile < typicalPercentile && typicalPercentile < 100,
        "0 < lowPercentile < typicalPercentile < 100 must hold");
    require(
        maxBuckets >= 2 && maxBuckets <= MOST, "bucketHistorySize must be within 2 and " + MOST);
  }

  private static void requirePositive(String field, Duration duration) {
    require(duration.isPositive(), field + " must be more than 0, was " + duration);
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
