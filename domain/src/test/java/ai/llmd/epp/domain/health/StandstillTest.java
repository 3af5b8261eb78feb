package ai.llmd.epp.domain.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StandstillTest {

  private static final long TICK = 50_000_000L;
  private static final int TICKS_OF_TWO_SECONDS = 40;

  private final Standstill standstill = new Standstill();
  private long now = -TICK;

  private boolean sampled(int waiting, int running, double kvCache, int inFlight) {
    now += TICK;
    return standstill.sampled(load(waiting, running, kvCache, Reported.EVERYTHING), inFlight, now);
  }

  private EndpointLoad load(int waiting, int running, double kvCache, Reported reported) {
    return new EndpointLoad(
        waiting, running, kvCache, Set.of(), Set.of(), 0, 0, 0, Map.of(), now, true, reported);
  }

  private boolean isFrozenAfter(int ticks, int waiting, int running, int inFlight) {
    boolean isFrozen = false;
    for (int i = 0; i < ticks; i++) {
      isFrozen = sampled(waiting, running, 0, inFlight);
    }
    return isFrozen;
  }

  @Test
  void fewerRequestsThanItWasSentForTwoSecondsCannotBeRight() {
    assertThat(isFrozenAfter(TICKS_OF_TWO_SECONDS, 0, 2, 3)).isFalse();
    assertThat(sampled(0, 2, 0, 3)).isTrue();
    assertThat(isFrozenAfter(1_000, 0, 2, 0)).as("as long as nothing moves").isTrue();
    assertThat(sampled(0, 3, 0, 3)).isFalse();
  }

  @Test
  void aServerWithNothingToDoReportsTheSameAgainAndAgain() {
    assertThat(isFrozenAfter(10_000, 0, 0, 0)).isFalse();
  }

  @Test
  void longRequestsThatAreAllReportedAreNoReasonToDoubt() {
    assertThat(isFrozenAfter(10_000, 1, 4, 5)).isFalse();
    assertThat(isFrozenAfter(10_000, 3, 8, 5)).as("others send, too").isFalse();
  }

  @Test
  void shortRequestsThatAreSeldomSeenAreNoReasonToDoubt() {
    boolean isFrozen = false;
    for (int i = 0; i < 1_000; i++) {
      isFrozen |= sampled(0, 0, 0, i % 3 == 0 ? 1 : 0);
    }
    assertThat(isFrozen).isFalse();
  }

  @Test
  void figuresThatMoveAreNeverDoubted() {
    boolean isFrozen = false;
    for (int i = 0; i < 1_000; i++) {
      isFrozen |= sampled(0, 1, i / 10_000.0, 9);
    }
    assertThat(isFrozen).isFalse();
  }

  @Test
  void aServerThatReportsNoRunningRequestsIsNotDoubted() {
    boolean isFrozen = false;
    for (int i = 0; i < 1_000; i++) {
      now += TICK;
      EndpointLoad queueOnly = load(0, 0, 0, new Reported(true, false, false, false));
      isFrozen |= standstill.sampled(queueOnly, 9, now);
    }
    assertThat(isFrozen).isFalse();
  }

  @Test
  void aFewSamplesFarApartAreNotEnough() {
    now = 0;
    standstill.sampled(load(0, 0, 0, Reported.EVERYTHING), 4, now);
    now += 10 * Standstill.NANOS;
    assertThat(standstill.sampled(load(0, 0, 0, Reported.EVERYTHING), 4, now)).isFalse();
  }
}
