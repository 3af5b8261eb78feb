package ai.llmd.epp.domain.ttft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TtftCurveTest {

  private static final TtftCurve CURVE = new TtftCurve(2);

  /** Through (0, floor), (lowLoad, low) and (typicalLoad, typical). */
  @ParameterizedTest
  @CsvSource({
    // floor, lowLoad, low, typicalLoad, typical, inFlight, expected
    "0.1, 4, 0.2, 8, 0.6, 0, 0.1",
    "0.1, 4, 0.2, 8, 0.6, 2, 0.15",
    "0.1, 4, 0.2, 8, 0.6, 4, 0.2",
    "0.1, 4, 0.2, 8, 0.6, 6, 0.4",
    "0.1, 4, 0.2, 8, 0.6, 12, 1.0",
    "0.1, 7, 0.2, 8, 0.5, 4, 0.3", // too near to each other: the line from A to C
    "0.1, 4, 0.1, 8, 0.5, 16, 0.9", // low is the floor
    "0.1, 4, 0.3, 8, 0.3, 16, 0.5", // typical is low
    "0.1, 0, 0.2, 8, 0.5, 4, 0.3", // low load is none
    "0.4, 4, 0.2, 8, 0.3, 16, 0.4", // never below the floor
    "0.1, 0, 0.2, 0, 0.5, 9, 0.1", // no load at which times were seen
  })
  void goesThroughThePointsThatCount(
      double floor,
      double lowLoad,
      double low,
      double typicalLoad,
      double typical,
      double inFlight,
      double expected) {
    var known = new Percentiles(floor, floor, low, typical, lowLoad, typicalLoad, 20, 50, 10);
    assertThat(CURVE.predict(known, inFlight)).isCloseTo(expected, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"9, 0.1", "10, 0.6"})
  void isFlatWithTooFewRecentObservations(int recent, double expected) {
    var known = new Percentiles(0.1, 0.1, 0.2, 0.6, 4, 8, recent, 50, 10);
    assertThat(CURVE.predict(known, 8)).isCloseTo(expected, within(1e-9));
  }
}
