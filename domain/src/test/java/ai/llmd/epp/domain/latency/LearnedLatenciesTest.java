package ai.llmd.epp.domain.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers whose times are known, with the noise that times have. */
class LearnedLatenciesTest {

  private static final int SERVERS = 4;
  private static final double NOISE = 0.1;

  private final LearnedLatencies learned = new LearnedLatencies();

  @BeforeEach
  void followServers() {
    follow(learned);
  }

  private static void follow(LearnedLatencies learned) {
    for (int server = 0; server < SERVERS; server++) {
      learned.follow(endpoint(server));
    }
  }

  private static EndpointId endpoint(int server) {
    return new EndpointId("default", "pod-" + server);
  }

  private static LatencyRow row(Random random) {
    int running = random.nextInt(12);
    return new LatencyRow(
        random.nextDouble(),
        200 + random.nextInt(6_000),
        Math.max(0, running - 8),
        running,
        1,
        random.nextInt(4) == 0 ? random.nextDouble() : 0,
        0,
        0,
        "",
        running * 300L);
  }

  /** Every second server is half as fast. */
  private static double ttft(int server, LatencyRow row, double speed) {
    double uncached = row.inputTokens() * (1 - row.prefixCacheScore());
    double factor = server % 2 == 0 ? 1 : 2;
    return factor * (15 + uncached * 0.06 + row.tokensInFlight() * 0.05) / speed;
  }

  private static double tpot(int server, LatencyRow row, double speed) {
    return (server % 2 == 0 ? 1 : 2) * (6 + 0.4 * row.runningRequests()) / speed;
  }

  private void observe(Random random, int requests, double speed) {
    observe(learned, random, requests, speed);
  }

  private static void observe(LearnedLatencies learned, Random random, int requests, double speed) {
    for (int i = 0; i < requests; i++) {
      int server = random.nextInt(SERVERS);
      LatencyRow row = row(random);
      double noise = Math.exp(random.nextGaussian() * NOISE);
      learned.learnTtft(endpoint(server), row, ttft(server, row, speed) * noise);
      learned.learnTpot(endpoint(server), row, tpot(server, row, speed) * noise);
    }
  }

  private double medianError(Random random, double speed, boolean isTtft) {
    return medianError(learned, random, speed, isTtft);
  }

  private static double medianError(
      LearnedLatencies learned, Random random, double speed, boolean isTtft) {
    double[] errors = new double[400];
    for (int i = 0; i < errors.length; i++) {
      int server = random.nextInt(SERVERS);
      LatencyRow row = row(random);
      LatencyModel model = Objects.requireNonNull(learned.of(endpoint(server)));
      double truth = isTtft ? ttft(server, row, speed) : tpot(server, row, speed);
      double predicted = isTtft ? model.ttftMillis(row) : model.tpotMillis(row);
      errors[i] = Math.abs(predicted - truth) / truth;
    }
    Arrays.sort(errors);
    return errors[errors.length / 2];
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isRightWithinFifteenPercentAfterAHundredRequests(long seed) {
    Random random = new Random(seed);
    observe(random, 100, 1);

    assertThat(medianError(random, 1, true)).isLessThan(0.15);
    assertThat(medianError(random, 1, false)).isLessThan(0.15);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isRightAgainAfterTheHardwareHasBecomeTwiceAsFast(long seed) {
    Random random = new Random(seed);
    observe(random, 500, 1);
    observe(random, 300, 2);

    assertThat(medianError(random, 2, true)).isLessThan(0.15);
    assertThat(medianError(random, 2, false)).isLessThan(0.15);
  }

  @Test
  void staysRightUnderTheSameLoadForLong() {
    Random random = new Random(9);
    LatencyRow always = row(random);
    for (int i = 0; i < 20_000; i++) {
      learned.learnTtft(endpoint(0), always, ttft(0, always, 1));
    }
    observe(random, 200, 1);

    assertThat(medianError(random, 1, true)).isLessThan(0.15);
  }

  @Test
  void knowsNothingBeforeItHasSeenAFew() {
    assertThat(learned.of(endpoint(0))).isNull();
    observe(new Random(1), LatencyModel.MIN_OBSERVATIONS - 1, 1);
    assertThat(learned.of(endpoint(0))).isNull();
    observe(new Random(1), 1, 1);
    assertThat(learned.of(endpoint(9))).as("one that was never asked").isNotNull();
  }

  @Test
  void nothingIsKeptOfAnEndpointThatLeavesWhileItAnswers() {
    observe(new Random(1), 100, 1);
    LatencyModel all = learned.of(endpoint(9));
    assertThat(learned.of(endpoint(0))).isNotSameAs(all);
    learned.forget(endpoint(0));
    learned.learnTtft(endpoint(0), row(new Random(2)), 40);
    learned.learnTpot(endpoint(0), row(new Random(2)), 4);

    assertThat(learned.of(endpoint(0))).isSameAs(all);
  }

  /** Replicas with a third of the requests each, one that gets all, and one that comes late. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void predictsAsWellFromAThirdOfTheRequestsAndWhatPeersObserve(long seed) {
    List<LearnedLatencies> replicas = new ArrayList<>();
    AtomicLong numbers = new AtomicLong();
    for (int writer = 1; writer <= 3; writer++) {
      LearnedLatencies replica =
          new LearnedLatencies(
              true,
              new SharedObservations(
                  "p",
                  writer,
                  numbers::incrementAndGet,
                  (producer, endpoint, observation) ->
                      replicas.stream()
                          .filter(other -> other != replicas.get((int) observation.writer() - 1))
                          .forEach(other -> other.learnFromPeer(endpoint, observation, false))));
      replicas.add(replica);
      follow(replica);
    }
    Random one = new Random(seed);
    Random other = new Random(seed);
    for (int i = 0; i < 100; i++) {
      observe(learned, one, 1, 1);
      observe(replicas.get(i % 3), other, 1, 1);
    }
    LearnedLatencies late = new LearnedLatencies(true, SharedObservations.NONE);
    follow(late);
    for (int server = 0; server < SERVERS; server++) {
      EndpointId endpoint = endpoint(server);
      replicas
          .getFirst()
          .recent(endpoint)
          .forEach(observation -> late.learnFromPeer(endpoint, observation, true));
    }

    double all = medianError(learned, new Random(seed), 1, true);
    for (LearnedLatencies replica : replicas) {
      assertThat(medianError(replica, new Random(seed), 1, true)).isCloseTo(all, within(0.01));
      assertThat(medianError(replica, new Random(seed), 1, false)).isLessThan(0.15);
    }
    assertThat(medianError(late, new Random(seed), 1, true)).isLessThan(0.2);
    assertThat(medianError(late, new Random(seed), 1, false)).isLessThan(0.2);
  }

  @Test
  void learnsNothingTwiceFromSnapshotsAndBatches() {
    EndpointId endpoint = endpoint(0);
    LatencyRow row = row(new Random(1));
    var first = new StampedObservation(7, 1, observation(row, 10));
    var second = new StampedObservation(7, 2, observation(row, 20));
    var third = new StampedObservation(7, 3, observation(row, 30));

    learned.learnFromPeer(endpoint, second, false);
    learned.learnFromPeer(endpoint, first, false); // was late
    learned.learnFromPeer(endpoint, second, true);
    learned.learnFromPeer(endpoint, third, true);
    learned.learnFromPeer(endpoint, third, false);

    assertThat(learned.recent(endpoint)).containsExactly(second, first, third);
  }

  private static LatencyObservation observation(LatencyRow row, double millis) {
    return new LatencyObservation(LatencyObservation.Kind.FIRST_TOKEN, row, millis);
  }

  @Test
  void learnsNothingOfAnswersThatAreNoStreamsWhereTheyAre() {
    LatencyObservation whole =
        new LatencyObservation(LatencyObservation.Kind.WHOLE_ANSWER, row(new Random(1)), 4_000);
    learned.learnFromPeer(endpoint(0), new StampedObservation(7, 1, whole), false);

    assertThat(learned.recent(endpoint(0))).isEmpty();
  }

  @Test
  void beginsAnewWithAnEndpointThatWasReplaced() {
    observe(new Random(1), 100, 1);
    learned.startAnew(endpoint(0));

    assertThat(learned.recent(endpoint(0))).isEmpty();
    assertThat(learned.of(endpoint(0))).isSameAs(learned.of(endpoint(9)));
  }

  @Test
  void valuesThatAreNoTimesChangeNothing() {
    observe(new Random(1), 100, 1);
    LatencyRow row = row(new Random(2));
    double before = Objects.requireNonNull(learned.of(endpoint(0))).ttftMillis(row);
    for (double odd : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      learned.learnTtft(endpoint(0), row, odd);
    }

    assertThat(Objects.requireNonNull(learned.of(endpoint(0))).ttftMillis(row)).isEqualTo(before);
  }

  @Test
  void hugeRowsStayFinite() {
    LatencyRow huge =
        new LatencyRow(
            1e9, Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, 1, 0, 0, 0, "", Long.MAX_VALUE);
    observe(new Random(1), 50, 1);
    for (int i = 0; i < 50; i++) {
      learned.learnTtft(endpoint(0), huge, 10);
      learned.learnTpot(endpoint(0), huge, 10);
    }
    observe(new Random(2), 400, 1);

    LatencyModel model = Objects.requireNonNull(learned.of(endpoint(0)));
    assertThat(model.ttftMillis(row(new Random(3)))).isPositive().isFinite();
    assertThat(model.tpotMillis(row(new Random(3)))).isPositive().isFinite();
  }
}
