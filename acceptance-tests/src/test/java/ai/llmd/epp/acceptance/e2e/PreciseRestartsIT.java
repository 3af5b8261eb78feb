package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model server begins again with an empty cache, under load: no request fails, what it no longer
 * has is not predicted of it, and it gets its share again.
 */
class PreciseRestartsIT {

  private static final int SERVERS = 3;
  private static final int CLIENTS = 4;
  private static final int ROUND = 50; // topics of the load that are asked for in turn
  private static final int ASKED_AGAIN = 4;
  private static final int NUMBERS = 3_000; // topics of the load
  private static final int LEFT = 45; // topics behind them, asked for before the load
  private static final int PROBES = 15;
  private static final int LATEST = 100; // replies, whose servers are looked at
  private static final String RESTARTS = "llm_d_epp_kv_cache_events_restarts_total";
  private static final String ADMISSIONS = "llm_d_epp_kv_cache_index_admissions_total";
  private static final String TRUTH = "llm_d_epp_kv_cache_truth_responses_total";
  private static final List<String> ONE_POLL = List.of("--refresh-metrics-interval=1h");

  /** A pool of which the first server is the one that begins again. */
  private record Pool(Stack stack, EppProcess epp, EnvoyProcess envoy, SimulatorProcess victim) {

    Client gateway() {
      return envoy.gateway();
    }

    int victimPort() {
      return victim.ports().getFirst();
    }
  }

  /** Requests go on while it is gone; it connects to the picker, which cannot ask for replays. */
  @Test
  void ofAKilledServerNothingIsPredictedOnceItHasBegunAgain(@TempDir Path model) throws Exception {
    try (Stack stack = Stack.empty("restart-killed", false)) {
      Pool pool = connected(stack, model, stack.freePort(), List.of(), EnvoyMode.RESILIENT);
      try (Load load = Load.on(pool.gateway(), CLIENTS, PreciseRestartsIT::prompt)) {
        List<Prompt> left = leftAtTheVictim(pool);
        load.whileNothingIsUnderWay(
            () -> { // what a killed server was computing is lost, whatever a picker does
              pool.victim().kill();
              await().until(() -> pool.envoy().connectionsTo(pool.victimPort()) == 0);
            });
        load.awaitMore(100);
        pool.victim().startAgain();
        await().until(() -> pool.epp().metric(RESTARTS) == 1);
        assertItBeginsWithNothing(pool, load, left);
      }
      assertFreshTopicsAgree(pool);
    }
  }

  /** So quickly that no poll of its metrics fails; what it publishes can be asked for again. */
  @Test
  void aRestartBetweenTwoPollsIsNoticed(@TempDir Path model) throws Exception {
    try (Stack stack = Stack.empty("restart-unseen", false)) {
      Pool pool = connectedTo(stack, model);
      Load load = Load.on(pool.gateway(), CLIENTS, PreciseRestartsIT::prompt);
      try (load) {
        List<Prompt> left = leftAtTheVictim(pool);
        load.whileNothingIsUnderWay(() -> restart(pool));
        await().until(() -> pool.epp().metric(RESTARTS) == 1);
        assertItBeginsWithNothing(pool, load, left);
      }
      assertAllAgree(load, pool);
    }
  }

  /** The connection is that of a proxy, and stays: the numbers alone say that it began again. */
  @Test
  void numbersThatBeginAgainAreNoticed(@TempDir Path model) throws Exception {
    try (Stack stack = Stack.empty("restart-numbers", false)) {
      int received = stack.freePort();
      int published = stack.freePort();
      try (SpoiltEvents proxy = new SpoiltEvents(published, received)) {
        Pool pool = connected(stack, model, published, ONE_POLL, EnvoyMode.FULL, received);
        await().until(() -> proxy.publishers() == SERVERS);
        try (Load load = Load.on(pool.gateway(), CLIENTS, PreciseRestartsIT::prompt)) {
          List<Prompt> left = leftAtTheVictim(pool);
          load.whileNothingIsUnderWay(
              () -> {
                restart(pool);
                await().until(() -> proxy.publishers() == SERVERS);
              });
          await().until(() -> pool.epp().metric(RESTARTS) == 1);
          assertItBeginsWithNothing(pool, load, left);
        }
        assertFreshTopicsAgree(pool);
      }
    }
  }

  /** As after a change of the model's weights: the server runs on. */
  @Test
  void aServerThatAnnouncesAnEmptyCacheIsBelieved(@TempDir Path model) throws Exception {
    try (Stack stack = Stack.empty("cleared", false)) {
      Pool pool = connectedTo(stack, model);
      Load load = Load.on(pool.gateway(), CLIENTS, PreciseRestartsIT::prompt);
      try (load) {
        List<Prompt> left = leftAtTheVictim(pool);
        load.whileNothingIsUnderWay(() -> empty(pool));
        assertItBeginsWithNothing(pool, load, left);
        assertThat(pool.epp().metric(RESTARTS)).isZero();
      }
      assertAllAgree(load, pool);
    }
  }

  private static Pool connected(
      Stack stack, Path model, int events, List<String> flags, EnvoyMode mode) throws Exception {
    return connected(stack, model, events, flags, mode, events);
  }

  /**
   * Model servers that connect.
   *
   * @param published port that they connect to
   * @param received port that the picker listens on
   */
  private static Pool connected(
      Stack stack, Path model, int published, List<String> flags, EnvoyMode mode, int received)
      throws Exception {
    List<String> publishing = List.of("--zmq-endpoint=tcp://127.0.0.1:" + published);
    List<SimulatorProcess> servers =
        IntStream.range(0, SERVERS)
            .mapToObj(i -> stack.startSimulator(1, "1ms", publishing))
            .toList();
    SimulatorTokenizer.write(model, NUMBERS + 2 * LEFT);
    String tokens = PreciseConfiguration.local(model);
    return pool(stack, servers, PreciseConfiguration.connectedTo(tokens, received), flags, mode);
  }

  /** Model servers that are connected to, and polled once: from then on only events tell. */
  private static Pool connectedTo(Stack stack, Path model) throws Exception {
    int events = stack.freePort();
    int replay = stack.freePort();
    List<String> publishing =
        List.of(
            "--zmq-endpoint=tcp://*:" + events,
            "--kv-events-replay-endpoint=tcp://*:" + replay,
            "--kv-events-replay-queue-size=100000");
    List<SimulatorProcess> servers =
        IntStream.range(0, SERVERS)
            .mapToObj(i -> stack.startSimulatorAt("127.0.0." + (i + 2), "1ms", publishing))
            .toList();
    SimulatorTokenizer.write(model, NUMBERS + 2 * LEFT);
    String tokens = PreciseConfiguration.local(model);
    return pool(
        stack,
        servers,
        PreciseConfiguration.connecting(tokens, events, replay),
        ONE_POLL,
        EnvoyMode.FULL);
  }

  private static Pool pool(
      Stack stack,
      List<SimulatorProcess> servers,
      String configuration,
      List<String> flags,
      EnvoyMode mode) {
    EppProcess epp = stack.startEpp(configuration, flags);
    return new Pool(stack, epp, stack.startEnvoy(mode), servers.getFirst());
  }

  private static void restart(Pool pool) {
    pool.victim().kill();
    await().until(() -> pool.envoy().connectionsTo(pool.victimPort()) == 0);
    pool.victim().startAgain();
  }

  /** Returns when the picker knows what the server published behind it. */
  private static void empty(Pool pool) {
    Client victim = pool.victim().client(0);
    assertThat(victim.post("/reset_prefix_cache", "").status()).isEqualTo(200);
    Prompt behind = topic(NUMBERS + 2 * LEFT);
    victim.chat(behind);
    await()
        .until(() -> Prediction.of(pool.gateway(), pool.epp(), behind).of(pool.victimPort()) > 0);
  }

  /** The topics of a round in turn, several times: an event comes before its topic comes again. */
  private static Prompt prompt(long number) {
    long round = number / (ROUND * ASKED_AGAIN);
    return topic((round * ROUND + number % ROUND) % NUMBERS);
  }

  private static Prompt topic(long number) {
    return Prompt.about("topic number " + number, "Then.");
  }

  /** Prompts that the server that is to begin again has, which the picker knows. */
  private static List<Prompt> leftAtTheVictim(Pool pool) {
    List<Prompt> left = new ArrayList<>();
    for (int i = 0; i < LEFT; i++) {
      Prompt topic = topic(NUMBERS + i);
      if (pool.gateway().chat(topic).servedBy() == pool.victimPort()) {
        left.add(topic);
      }
    }
    left.removeIf(topic -> !isKnownAtTheVictim(topic, pool));
    assertThat(left).isNotEmpty();
    return left;
  }

  private static boolean isKnownAtTheVictim(Prompt topic, Pool pool) {
    Prediction prediction = Prediction.of(pool.gateway(), pool.epp(), topic);
    return prediction.of(pool.victimPort()) > 0 && prediction.reported() > 0;
  }

  /** It gets its share again, nothing that it had is predicted of it, and no request failed. */
  private static void assertItBeginsWithNothing(Pool pool, Load load, List<Prompt> left) {
    awaitShare(pool, load);
    assertNothingIsPredictedOf(left, pool);
    assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
  }

  private static void awaitShare(Pool pool, Load load) {
    long begin = load.sent();
    load.awaitMore(LATEST);
    await()
        .until(
            () -> {
              List<Reply> latest = load.repliesFrom(Math.max(begin, load.sent() - LATEST));
              long there = latest.stream().filter(r -> r.servedBy() == pool.victimPort()).count();
              return there * 2 * SERVERS >= latest.size(); // half of its share at least
            });
  }

  private static void assertNothingIsPredictedOf(List<Prompt> left, Pool pool) {
    for (Prompt topic : left) {
      Prediction prediction = Prediction.of(pool.gateway(), pool.epp(), topic);
      assertThat(prediction.of(pool.victimPort())).isZero();
      assertThat(prediction.isTooMuch()).isFalse();
    }
  }

  /** What was asked last, and what is new; nothing else is asked meanwhile. */
  private static void assertAllAgree(Load load, Pool pool) {
    long last = load.sent() - 1;
    for (int i = 1; i <= PROBES; i++) {
      Prompt topic = prompt(last - i);
      await() // the last events may be on their way
          .until(
              () -> {
                Prediction prediction = Prediction.of(pool.gateway(), pool.epp(), topic);
                assertThat(prediction.isTooMuch()).isFalse();
                return prediction.of(prediction.servedBy()) > 0 && !prediction.isTooLittle();
              });
    }
    assertFreshTopicsAgree(pool);
    assertThat(pool.epp().metric(TRUTH, "outcome=\"agreed\"")).isPositive();
    assertThat(pool.epp().metric("llm_d_epp_kv_cache_match_basis", "basis=\"complete\""))
        .isEqualTo(SERVERS);
  }

  /** Until some have gone to the server that began again. */
  private static void assertFreshTopicsAgree(Pool pool) {
    int there = 0;
    for (int i = 0; i < LEFT && there < 3; i++) {
      Prompt topic = topic(NUMBERS + LEFT + i);
      long before = pool.epp().metric(ADMISSIONS);
      Prediction first = Prediction.of(pool.gateway(), pool.epp(), topic);
      assertThat(first.isTooMuch()).isFalse();
      long blocks = first.reply().promptTokens() / Prediction.BLOCK;
      long stored = blocks - first.reported() / Prediction.BLOCK - 1;
      await().until(() -> pool.epp().metric(ADMISSIONS) >= before + stored);
      Prediction again = Prediction.of(pool.gateway(), pool.epp(), topic);
      assertThat(again.of(again.servedBy())).isPositive();
      assertThat(again.isTooMuch() || again.isTooLittle()).isFalse();
      there += again.servedBy() == pool.victimPort() ? 1 : 0;
    }
    assertThat(there).isEqualTo(3);
  }
}
