package ai.llmd.epp.domain.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefillThroughputsTest {

  private static final double GIVEN = 15_928;
  private static final double WITHIN = 0.15;
  private static final int SEEDS = 4_000;

  private final Candidates pool = new CycleFixture().idle(2).build().candidates();

  /** A server that computes prompts one after the other, as fast as it can. */
  private static final class Server {

    private final Random random;
    private final double overheadMillis;
    private final boolean computesAtOnce;

    Server(Random random) {
      this.random = random;
      this.overheadMillis = 2 + 30 * random.nextDouble();
      this.computesAtOnce = random.nextBoolean();
    }

    void serve(PrefillThroughputs learned, Candidate candidate, double truth, int requests) {
      for (int i = 0; i < requests; i++) {
        long uncached = 50 + (long) (8_000 * Math.pow(random.nextDouble(), 2));
        long ahead = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000);
        double work = uncached + (computesAtOnce ? 0 : ahead * (0.8 + 0.2 * random.nextDouble()));
        double noise = 0.9 + 0.2 * random.nextDouble();
        double millis = (overheadMillis + work / truth * 1_000) * noise;
        learned.learn(candidate, uncached, ahead, millis);
      }
    }
  }

  @Test
  void believesWhatIsGivenUntilItHasSeenAFew() {
    PrefillThroughputs learned = new PrefillThroughputs(GIVEN);

    assertThat(learned.tokensPerSecond(pool.get(0))).isEqualTo(GIVEN);
  }

  @Test
  void findsTheTruthWithinFiveHundredRequestsFromAValueFourTimesWrong() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      PrefillThroughputs learned = new PrefillThroughputs(GIVEN);
      double truth = seed % 2 == 0 ? 4 * GIVEN : GIVEN / 4;

      new Server(random).serve(learned, pool.get(0), truth, 500);

      assertThat(learned.tokensPerSecond(pool.get(0)))
          .as("seed %d", seed)
          .isCloseTo(truth, within(WITHIN * truth));
    }
  }

  @Test
  void findsItAgainAfterTheHardwareHasChanged() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      PrefillThroughputs learned = new PrefillThroughputs(GIVEN);
      Server server = new Server(random);
      server.serve(learned, pool.get(0), GIVEN, 500);
      double truth = seed % 2 == 0 ? 2 * GIVEN : GIVEN / 2;

      server.serve(learned, pool.get(0), truth, 300);

      assertThat(learned.tokensPerSecond(pool.get(0)))
          .as("seed %d", seed)
          .isCloseTo(truth, within(WITHIN * truth));
    }
  }

  @Test
  void tellsEndpointsApart() {
    PrefillThroughputs learned = new PrefillThroughputs(GIVEN);
    Server server = new Server(new Random(1));
    for (int i = 0; i < 500; i++) {
      server.serve(learned, pool.get(0), GIVEN / 3, 1);
      server.serve(learned, pool.get(1), GIVEN * 3, 1);
    }

    assertThat(learned.tokensPerSecond(pool.get(0)))
        .isCloseTo(GIVEN / 3, within(WITHIN * GIVEN / 3));
    assertThat(learned.tokensPerSecond(pool.get(1)))
        .isCloseTo(GIVEN * 3, within(WITHIN * GIVEN * 3));
  }

  @Test
  void takesAnEndpointThatWasNotObservedForOneLikeTheOthers() {
    PrefillThroughputs learned = new PrefillThroughputs(GIVEN);
    new Server(new Random(1)).serve(learned, pool.get(0), GIVEN / 4, 500);

    assertThat(learned.tokensPerSecond(pool.get(1)))
        .isCloseTo(GIVEN / 4, within(WITHIN * GIVEN / 4));
  }

  @Test
  void staysAboveZeroWhateverIsObserved() {
    PrefillThroughputs learned = new PrefillThroughputs(GIVEN);
    for (int i = 0; i < 100; i++) {
      learned.learn(pool.get(0), i % 2 == 0 ? 0 : Long.MAX_VALUE, 0, i % 2 == 0 ? 1e9 : 1e-9);
      learned.learn(pool.get(0), 1, 1, Double.NaN);
      learned.learn(pool.get(0), 1, 1, 0);
    }

    assertThat(learned.tokensPerSecond(pool.get(0))).isPositive().isFinite();
  }
}
