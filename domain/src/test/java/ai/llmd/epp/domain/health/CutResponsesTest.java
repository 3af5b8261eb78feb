package ai.llmd.epp.domain.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.health.EndpointHealth.State;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Responses that end before their end, while the polls of the server are answered. */
class CutResponsesTest {

  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int SEEDS = 4_000;

  private final EndpointHealth health = new EndpointHealth(new Noted());
  private long now = -MILLI;

  private void begin(int streams) {
    for (int i = 0; i < streams; i++) {
      health.succeeded(now); // with their headers
    }
  }

  private void cut(int streams, int of) {
    for (int i = 1; i <= streams; i++) {
      health.cutShort(of - i, now);
    }
  }

  private State afterAFailure() {
    health.failed(true, now);
    return health.state();
  }

  @Test
  void aServerWhoseResponsesAreAllCutIsSuspectWithTheFirstRequestThatFails() {
    begin(10);
    cut(10, 10);
    assertThat(health.state()).as("it may have been a client").isEqualTo(State.HEALTHY);
    assertThat(afterAFailure()).isEqualTo(State.SUSPECT);
    assertThat(health.pollAnswered(now)).isFalse();
    assertThat(health.state()).isEqualTo(State.HEALTHY);
    assertThat(afterAFailure()).isEqualTo(State.SUSPECT);
    assertThat(afterAFailure()).isEqualTo(State.OUT);
  }

  @Test
  void anAnswerAfterwardsMeansThatItLives() {
    begin(10);
    cut(10, 10);
    begin(1);
    assertThat(afterAFailure()).isEqualTo(State.HEALTHY);
  }

  @Test
  void aFifthOfThemMayHaveEndedInTime() {
    begin(10);
    cut(8, 10);
    assertThat(afterAFailure()).isEqualTo(State.SUSPECT);
  }

  @Test
  void fewerAreClientsThatGo() {
    begin(10);
    cut(7, 10);
    assertThat(afterAFailure()).isEqualTo(State.HEALTHY);
  }

  @Test
  void twoAreTooFew() {
    begin(2);
    cut(2, 2);
    assertThat(afterAFailure()).isEqualTo(State.HEALTHY);
  }

  @Test
  void clientsThatGoOneByOneAreNoCrash() {
    begin(10);
    for (int open = 10; open > 0; open--) {
      health.cutShort(open - 1, now);
      now += CutResponses.WINDOW_NANOS / 3;
    }
    assertThat(afterAFailure()).isEqualTo(State.HEALTHY);
  }

  @Test
  void requestsThatComeAndGoInTheSameMomentWereNotOpenTogether() {
    for (int i = 0; i < 10; i++) {
      begin(1);
      cut(1, 1);
    }
    assertThat(afterAFailure()).isEqualTo(State.HEALTHY);
  }

  @Test
  void cutsAreNoFailureThemselvesHoweverMany() {
    for (int i = 0; i < 10; i++) {
      begin(1_000);
      cut(1_000, 1_000);
      now += 2 * CutResponses.WINDOW_NANOS;
      cut(4, 4); // of requests that began before
      assertThat(health.state()).isEqualTo(State.HEALTHY);
    }
    begin(1);
    fail(); // and in no share
    fail();
    assertThat(health.state()).isEqualTo(State.SUSPECT);
  }

  private void fail() {
    health.failed(false, now);
  }

  /** Whatever clients do, a server that answers and is polled keeps its share all the time. */
  @Test
  void cancelsAloneNeverKeepAServerFromItsShare() {
    for (long seed = 0; seed < SEEDS; seed++) {
      EndpointHealth any = new EndpointHealth(new Noted());
      Random random = new Random(seed);
      int eagerness = 1 + random.nextInt(20);
      int open = 0;
      for (int i = 0; i < 300; i++) {
        now += random.nextInt(4) == 0 ? random.nextLong(300 * MILLI) : random.nextLong(MILLI);
        switch (random.nextInt(5)) {
          case 0 -> {
            int some = random.nextInt(eagerness); // and their headers
            open += some;
            for (int n = 0; n < some; n++) {
              any.succeeded(now);
            }
          }
          case 1 -> {
            for (; open > 0; open--) { // a client cancels all its streams at once
              any.cutShort(open - 1, now);
            }
          }
          case 2 -> {
            for (int some = open - open / 5; some > 0; some--) { // or most of them
              any.cutShort(--open, now);
            }
          }
          case 3 -> {
            if (open > 0) {
              open--; // one ends by itself
            }
          }
          default -> any.pollAnswered(now);
        }
        assertThat(any.state()).as("seed %d, step %d", seed, i).isEqualTo(State.HEALTHY);
        assertThat(any.isEligible(now)).as("seed %d, step %d", seed, i).isTrue();
      }
      assertThat(any.claim()).as("seed %d", seed).isEqualTo(Claim.NONE);
    }
  }

  /** Real errors do not add up with what clients cancel: the same ones put it out, or do not. */
  @Test
  void cancelsDoNotPutAServerOutThatFailsNowAndThen() {
    for (long seed = 0; seed < SEEDS; seed++) {
      EndpointHealth any = new EndpointHealth(new Noted());
      Random random = new Random(seed);
      EndpointHealth undisturbed = new EndpointHealth(new Noted());
      for (int round = 0; round < 100; round++) {
        now += random.nextLong(200 * MILLI);
        int streams = random.nextInt(10);
        for (int n = 0; n < streams; n++) {
          any.succeeded(now);
          undisturbed.succeeded(now);
        }
        for (int open = streams; open > 0; open--) {
          any.cutShort(open - 1, now);
        }
        if (random.nextInt(3) == 0) {
          boolean isUnreached = random.nextBoolean();
          any.failed(isUnreached, now);
          undisturbed.failed(isUnreached, now);
          assertThat(any.state() == State.OUT)
              .as("seed %d", seed)
              .isEqualTo(undisturbed.state() == State.OUT);
        }
        any.pollAnswered(now);
        undisturbed.pollAnswered(now);
        assertThat(any.state()).as("seed %d", seed).isEqualTo(undisturbed.state());
      }
    }
  }
}
