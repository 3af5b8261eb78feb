package ai.llmd.epp.domain.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.health.EndpointHealth.State;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndpointHealthTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final boolean UNREACHED = true;
  private static final boolean REACHED = false;
  private static final boolean REFUSED = true;

  private final EndpointHealth health = new EndpointHealth(new Noted());
  private long now = -SECOND / 2; // the clock's zero is anywhere

  @Test
  void isEligibleWhileAllIsWell() {
    health.succeeded(now);
    health.pollAnswered(now);
    assertThat(health.isEligible(now)).isTrue();
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void keepsItsPlaceAfterOneRequestThatDidNotReachItWhilePollsDo() {
    health.succeeded(now);
    health.failed(UNREACHED, now);
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void isAvoidedAfterOneRequestThatDidNotReachItWhenThePollsConnectionIsGone() {
    health.succeeded(now);
    health.connectionLost();
    health.failed(UNREACHED, now);
    assertThat(health.state()).isEqualTo(State.SUSPECT);
    assertThat(health.isEligible(now)).isFalse();
    assertThat(health.pollAnswered(now)).as("it was never away").isFalse();
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void isTriedAgainAfterASecondWhenNothingElseTells() {
    health.connectionLost();
    health.failed(UNREACHED, now);
    now += EndpointHealth.SUSPICION_NANOS - 1;
    assertThat(health.isEligible(now)).isFalse();
    now += 1;
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void keepsItsPlaceAfterASingleErrorAmongSuccesses() {
    for (int i = 0; i < 100; i++) {
      health.succeeded(now);
      health.succeeded(now);
      health.failed(REACHED, now);
      assertThat(health.isEligible(now)).isTrue();
    }
  }

  @Test
  void isSuspectAfterTwoErrorsInARowAndOutAfterThree() {
    health.succeeded(now);
    health.failed(REACHED, now);
    assertThat(health.state()).isEqualTo(State.HEALTHY);
    health.failed(REACHED, now);
    assertThat(health.state()).isEqualTo(State.SUSPECT);
    health.failed(REACHED, now);
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void isOutWhenMostRequestsFail() {
    for (int i = 0; i < 10; i++) {
      health.failed(REACHED, now);
      health.failed(REACHED, now);
      health.succeeded(now);
      if (health.state() == State.OUT) {
        return;
      }
    }
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void anAnswerToAnOlderRequestDoesNotBringItBack() {
    fail(3);
    health.succeeded(now);
    health.pollAnswered(now);
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void oneRequestProbesAfterAPauseAndItsSuccessBringsItBack() {
    fail(3);
    now += EndpointHealth.FIRST_PAUSE_NANOS - 1;
    assertThat(health.isEligible(now)).isFalse();
    now += 1;
    assertThat(health.isEligible(now)).as("offered").isTrue();
    assertThat(health.isEligible(now)).as("offered to another at once").isFalse();
    health.picked(now);
    now += SECOND;
    assertThat(health.isEligible(now)).as("while it is probed").isFalse();
    health.succeeded(now);
    assertThat(health.isEligible(now)).isTrue();
    fail(1);
    assertThat(health.state()).as("what was before is forgotten").isEqualTo(State.HEALTHY);
  }

  @Test
  void aProbeThatWasNotUsedIsOfferedAgain() {
    fail(3);
    now += EndpointHealth.FIRST_PAUSE_NANOS;
    assertThat(health.isEligible(now)).isTrue();
    now += EndpointHealth.OFFER_NANOS;
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void pausesLongerAfterEachProbeThatFailsUpToABound() {
    fail(3);
    long[] pauses = {500, 1_000, 1_500, 1_500};
    for (long millis : pauses) {
      now += TimeUnit.MILLISECONDS.toNanos(millis) - 1;
      for (int i = 0; i < EndpointHealth.REQUESTS_PER_PROBE; i++) {
        assertThat(health.isEligible(now)).isFalse();
      }
      now += 1;
      assertThat(health.isEligible(now)).isTrue();
      health.picked(now);
      health.failed(REACHED, now);
    }
  }

  @Test
  void probesAreAHundredthOfTheTrafficUntilPatienceEnds() {
    fail(3);
    now += EndpointHealth.FIRST_PAUSE_NANOS;
    assertThat(health.isEligible(now)).as("the first comes soon").isTrue();
    health.picked(now);
    health.failed(REACHED, now);
    now += EndpointHealth.LONGEST_PAUSE_NANOS;
    for (int i = 0; i < EndpointHealth.REQUESTS_PER_PROBE; i++) {
      assertThat(health.isEligible(now)).isFalse();
    }
    assertThat(health.isEligible(now)).isTrue();
    health.picked(now);
    health.failed(REACHED, now);
    now += EndpointHealth.LONGEST_PAUSE_NANOS + EndpointHealth.PATIENCE_NANOS;
    assertThat(health.isEligible(now)).as("few requests, long ago").isTrue();
  }

  @Test
  void aProbeWithoutAnAnswerIsGivenUp() {
    fail(3);
    now += EndpointHealth.FIRST_PAUSE_NANOS;
    health.picked(now);
    now += EndpointHealth.PROBE_NANOS;
    assertThat(health.isEligible(now)).as("given up only now").isFalse();
    now += EndpointHealth.LONGEST_PAUSE_NANOS + EndpointHealth.PATIENCE_NANOS;
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void isOutWhenTwoPollsAreRefusedAndBackWithTheFirstAnswer() {
    assertThat(health.pollFailed(REFUSED, now)).isFalse();
    assertThat(health.state()).isEqualTo(State.HEALTHY);
    assertThat(health.pollFailed(REFUSED, now)).as("now it is out").isTrue();
    assertThat(health.pollFailed(REFUSED, now)).as("it is already").isFalse();
    now += 100 * SECOND;
    assertThat(health.isEligible(now)).as("nothing to probe").isFalse();
    assertThat(health.pollAnswered(now)).isTrue();
    assertThat(health.isEligible(now)).isTrue();
  }

  @Test
  void pollsThatAreRefusedNowAndThenDoNotPutItOut() {
    for (int i = 0; i < 10; i++) {
      assertThat(health.pollFailed(REFUSED, now)).isFalse();
      health.pollAnswered(now);
    }
  }

  @Test
  void isLetInAgainSoonAfterEverySequenceOfEvents() {
    for (long seed = 0; seed < 4_000; seed++) {
      EndpointHealth any = new EndpointHealth(new Noted());
      Random random = new Random(seed);
      for (int i = 0; i < 200; i++) {
        now += random.nextLong(SECOND / 2);
        switch (random.nextInt(12)) {
          case 0 -> any.succeeded(now);
          case 1 -> any.failed(random.nextBoolean(), now);
          case 2 -> any.pollAnswered(now);
          case 3 -> any.pollFailed(REFUSED, now);
          case 4 -> any.picked(now);
          case 5 -> any.pollFailed(!REFUSED, now);
          case 6 -> any.peerClaims(random.nextLong(3), anyClaim(random), now);
          case 8 -> any.fellSilent(now);
          case 9 -> any.cutShort(random.nextInt(5), now);
          case 7 -> any.peerGone(random.nextLong(3), now);
          default -> {
            boolean wasOut = any.state() == State.OUT;
            any.isEligible(now);
            assertThat(wasOut && any.isEligible(now)).as("two at once, seed %d", seed).isFalse();
          }
        }
      }
      for (long peer = 0; peer < 3; peer++) {
        any.peerGone(peer, now);
      }
      any.pollAnswered(now);
      now += EndpointHealth.PROBE_NANOS;
      any.isEligible(now);
      now += EndpointHealth.LONGEST_PAUSE_NANOS + EndpointHealth.PATIENCE_NANOS;
      assertThat(any.isEligible(now)).as("let in again, seed %d", seed).isTrue();
      any.picked(now);
      any.succeeded(now);
      assertThat(any.state()).as("seed %d", seed).isEqualTo(State.HEALTHY);
    }
  }

  private static Claim anyClaim(Random random) {
    Finding[] findings = Finding.values();
    return new Claim(findings[random.nextInt(findings.length)], random.nextInt(3));
  }

  @Test
  void theFirstRefusalIsEnoughWhenTheConnectionOfThePollsIsGone() {
    health.connectionLost();
    assertThat(health.pollFailed(!REFUSED, now)).as("that may be the network").isFalse();
    assertThat(health.state()).isEqualTo(State.HEALTHY);
    health.pollAnswered(now);
    health.connectionLost();
    assertThat(health.pollFailed(REFUSED, now)).isTrue();
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void aServerThatCannotBeReachedHasNotRestarted() {
    assertThat(health.pollFailed(!REFUSED, now)).isFalse();
    assertThat(health.pollFailed(!REFUSED, now)).isFalse();
    assertThat(health.state()).isEqualTo(State.OUT);
    assertThat(health.pollAnswered(now)).isFalse();
    assertThat(health.state()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aServerThatWasUnreachableAndThenRefusesHasRestarted() {
    health.pollFailed(!REFUSED, now);
    health.pollFailed(!REFUSED, now);
    assertThat(health.pollFailed(REFUSED, now)).isTrue();
    assertThat(health.pollFailed(REFUSED, now)).isFalse();
    assertThat(health.pollAnswered(now)).isTrue();
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      health.failed(REACHED, now);
    }
  }
}
