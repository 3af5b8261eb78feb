package ai.llmd.epp.domain.ttft;

import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;

/**
 * The time to the first token as a function of the requests in flight: lines through the floor at
 * no load (A), the low time (B) and the typical time (C) at the loads where they were seen.
 *
 * @param minGap requests in flight by which B and C must differ for B to count
 */
public record TtftCurve(double minGap) {

  /**
   * Seconds to the first token; never below the floor.
   *
   * @param inFlight requests in flight
   */
  public double predict(Percentiles known, double inFlight) {
    double floor = known.floorSeconds();
    double typicalLoad = known.inFlightAtTypical();
    if (known.recentRequests() < known.calibrationThreshold() || typicalLoad <= 0) {
      return floor;
    }
    double predicted;
    if (hasKnee(known)) {
      double lowLoad = known.inFlightAtLow();
      predicted =
          inFlight < lowLoad
              ? line(0, floor, lowLoad, known.lowSeconds(), inFlight)
              : line(lowLoad, known.lowSeconds(), typicalLoad, known.typicalSeconds(), inFlight);
    } else {
      predicted = line(0, floor, typicalLoad, known.typicalSeconds(), inFlight);
    }
    return Math.max(floor, predicted);
  }

  /** Whether B counts. */
  private boolean hasKnee(Percentiles known) {
    return known.inFlightAtTypical() - known.inFlightAtLow() >= minGap
        && known.typicalSeconds() > known.lowSeconds()
        && known.lowSeconds() > known.floorSeconds()
        && known.inFlightAtLow() > 0;
  }

  private static double line(double x0, double y0, double x1, double y1, double x) {
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  }
}
