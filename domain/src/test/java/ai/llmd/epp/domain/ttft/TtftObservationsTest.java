package ai.llmd.epp.domain.ttft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TtftObservationsTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;
  private static final ObservationRules RULES = rules(100, 10, 5000, 1000);

  private long now = 7 * SECOND;

  private static ObservationRules rules(int recent, int least, int kept, int buckets) {
    return new ObservationRules(
        Duration.ofSeconds(1),
        Duration.ofMinutes(3),
        recent,
        least,
        25,
        50,
        kept,
        Duration.ofMinutes(1),
        buckets);
  }

  private void add(TtftObservations observations, long millis, int inFlight) {
    observations.add(millis * MILLI, inFlight, now);
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswer() {
    assertThat(new TtftObservations(RULES).at(now)).isEqualTo(Percentiles.unknown(10));
  }

  @Test
  void recentOnesGiveALowAndATypicalTimeWithTheirLoads() {
    var observations = new TtftObservations(RULES);
    for (int i = 0; i <= 100; i++) { // 101: the first is not recent any more
      add(observations, 100 + i, i / 10);
      now += SECOND;
    }
    Percentiles known = observations.at(now);
    assertThat(known.recentRequests()).isEqualTo(100);
    assertThat(known.observations()).isEqualTo(101);
    assertThat(known.lowSeconds()).isCloseTo(0.12575, within(1e-6)); // 101 + 0.25 · 99
    assertThat(known.typicalSeconds()).isCloseTo(0.1505, within(1e-6));
    assertThat(known.inFlightAtLow()).isCloseTo(2.1, within(0.2)); // ranks 15 to 34 of 1…100
    assertThat(known.inFlightAtTypical()).isCloseTo(4.55, within(0.2));
    assertThat(known.windowFloorSeconds()).isCloseTo(0.1109, within(1e-6));
  }

  @Test
  void theFloorCountsFromTheLeastNumberOfObservationsOn() {
    var observations = new TtftObservations(RULES);
    for (int i = 0; i < 9; i++) {
      add(observations, 200, 1);
      now += SECOND;
    }
    assertThat(observations.at(now).floorSeconds()).isZero();
    assertThat(observations.at(now).windowFloorSeconds()).isCloseTo(0.2, within(1e-6));
    add(observations, 200, 1);
    assertThat(observations.at(now).floorSeconds()).isCloseTo(0.2, within(1e-6));
    assertThat(observations.at(now).isCalibrated()).isTrue();
  }

  @Test
  void theFloorRemembersQuietMinutes() {
    var observations = new TtftObservations(RULES);
    for (int i = 0; i < 60; i++) { // two quiet minutes
      add(observations, 100, 1);
      now += 2 * SECOND;
    }
    for (int i = 0; i < 600; i++) { // ten busy minutes
      add(observations, 900, 40);
      now += SECOND;
    }
    Percentiles known = observations.at(now);
    assertThat(known.windowFloorSeconds()).isCloseTo(0.9, within(1e-6));
    assertThat(known.floorSeconds()).isBetween(0.1, 0.5);
  }

  @Test
  void aFullHistoryLosesItsSlowestMinute() {
    var observations = new TtftObservations(rules(100, 1, 100, 2));
    for (long millis : new long[] {500, 100, 900, 300, 800}) {
      add(observations, millis, 1);
      now += 60 * SECOND;
    }
    add(observations, 800, 1);
    now += SECOND;
    assertThat(observations.at(now).floorSeconds())
        .as("100 and 300 ms are left, then 800 took the place of 300")
        .isGreaterThanOrEqualTo(0.1)
        .isLessThan(0.2);
  }

  @Test
  void recentOnesGrowOldWithoutNewerOnes() {
    var observations = new TtftObservations(RULES);
    for (int i = 0; i < 20; i++) {
      add(observations, 100, 1);
      now += SECOND;
    }
    assertThat(observations.at(now).recentRequests()).isEqualTo(20);
    now += 175 * SECOND;
    assertThat(observations.at(now).recentRequests()).isBetween(1, 19);
    now += 60 * SECOND;
    Percentiles known = observations.at(now);
    assertThat(known.recentRequests()).isZero();
    assertThat(known.observations()).isEqualTo(20);
    assertThat(known.floorSeconds()).isCloseTo(0.1, within(1e-6));
    assertThat(observations.at(now + 3600 * SECOND)).isSameAs(known);
  }

  @RepeatedTest(200)
  void everythingStaysInItsRange(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    int kept = 1 + random.nextInt(200);
    int recent = 1 + random.nextInt(kept);
    var observations =
        new TtftObservations(rules(recent, 1 + random.nextInt(20), kept, 2 + random.nextInt(5)));
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int i = 0; i < 500; i++) {
      long millis = random.nextInt(2000);
      least = Math.min(least, millis / 1000.0);
      most = Math.max(most, millis / 1000.0);
      add(observations, millis, random.nextInt(50));
      now += random.nextLong(20 * SECOND);
      Percentiles known = observations.at(now);
      assertThat(known.recentRequests()).isBetween(0, recent);
      assertThat(known.observations()).isLessThanOrEqualTo(i + 1);
      if (known.recentRequests() > 0) {
        assertThat(known.windowFloorSeconds()).isLessThanOrEqualTo(known.lowSeconds());
        assertThat(known.lowSeconds()).isBetween(least - 1e-6, known.typicalSeconds());
        assertThat(known.typicalSeconds()).isLessThanOrEqualTo(most + 1e-6);
        assertThat(known.inFlightAtLow()).isBetween(0.0, 49.0);
        assertThat(known.inFlightAtTypical()).isBetween(0.0, 49.0);
      }
    }
  }

  @Test
  void rulesThatCannotBeMeantAreRefused() {
    assertThatThrownBy(() -> rules(0, 1, 10, 2)).hasMessageContaining("maxRequests");
    assertThatThrownBy(() -> rules(11, 1, 10, 2)).hasMessageContaining("maxRequests");
    assertThatThrownBy(() -> rules(1, 0, 10, 2)).hasMessageContaining("minRequests");
    assertThatThrownBy(() -> rules(1, 1, 0, 2)).hasMessageContaining("windowSize");
    assertThatThrownBy(() -> rules(1, 1, 10, 1)).hasMessageContaining("bucketHistorySize");
    for (double[] percentiles : new double[][] {{0, 50}, {50, 50}, {25, 100}, {Double.NaN, 50}}) {
      assertThatThrownBy(
              () ->
                  new ObservationRules(
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(1),
                      1,
                      1,
                      percentiles[0],
                      percentiles[1],
                      1,
                      Duration.ofSeconds(1),
                      2))
          .hasMessageContaining("lowPercentile");
    }
  }
}
