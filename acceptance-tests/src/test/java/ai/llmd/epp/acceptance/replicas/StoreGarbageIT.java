package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Another program writes into the Redis through which replicas share. */
class StoreGarbageIT {

  /**
   * Guarded ones of a picker with a store: of the store, the prefixes, the collections, the ladder.
   */
  private static final int THREADS = 6;

  private static final String LOG = "epp:{default/epp}:v1:log";
  private static final String SNAPSHOT = "epp:{default/epp}:v1:snapshot";

  /** Batches whose heads can be read, of as many writers, with an entry of every kind in turn. */
  private static final String FLOOD =
      """
      for i = ARGV[1] + 1, ARGV[1] + ARGV[2] do
        local head = struct.pack('>BBI8I8I8', 1, i % 8, i * 7919, i % 3 + 1, 0)
        local entry = string.char(i % 256) .. struct.pack('>I4', i % 64)
        redis.call('XADD', KEYS[1], '*', 'n', i, 'b', head .. entry .. string.rep(string.char(i % 251), i % 90))
      end
      """;

  private static final int FLOODS = 5;
  private static final int FLOOD_ENTRIES = 20_000;
  private static final int PREFIXES = 12;
  private static final Duration BOUND = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration ATTEMPT = Duration.ofSeconds(1);

  private final RedisServer redis = new RedisServer().start();
  private final List<ModelServer> servers =
      Stream.of("a", "b", "c", "d").map(name -> ModelServer.loaded(name, 0, 0.1)).toList();
  private final String configuration =
      RunningPicker.configuration("queue-scorer", "prefix-cache-scorer")
          + new SharedStore.Redis(redis).configuration();

  private int series;

  @AfterEach
  void stop() {
    servers.forEach(ModelServer::close);
    redis.close();
  }

  private static String destination(RunningPicker picker, String prompt) {
    return Asking.route(picker, Map.of(), Asking.completion("m", prompt)).destination();
  }

  private static boolean isSharing(RunningPicker picker) {
    return picker.metrics().sum("llm_d_epp_state_store_state", "state=\"sharing\"") == 1;
  }

  /** Prompts that one replica has sent somewhere go there by the other one as well. */
  private void assertThatTheyShare(RunningPicker one, RunningPicker other) {
    assertThatTheyShare(one, other, BOUND);
  }

  private void assertThatTheyShare(RunningPicker one, RunningPicker other, Duration bound) {
    await()
        .atMost(bound)
        .ignoreExceptionsInstanceOf(ConditionTimeoutException.class)
        .untilAsserted(
            () -> {
              List<String> prompts = freshPrompts(); // what was asked for before is known to both
              double before = applied(other);
              List<String> destinations = prompts.stream().map(p -> destination(one, p)).toList();
              await().atMost(ATTEMPT).until(() -> applied(other) >= before + PREFIXES);
              assertThat(prompts.stream().map(p -> destination(other, p)).toList())
                  .as("the other replica's picks")
                  .isEqualTo(destinations);
            });
    assertThat(isSharing(one) && isSharing(other)).as("both are sharing").isTrue();
  }

  private static double applied(RunningPicker picker) {
    return picker.metrics().sum("llm_d_epp_state_entries_applied_total");
  }

  private List<String> freshPrompts() {
    series++;
    return IntStream.range(0, PREFIXES)
        .mapToObj(n -> ("series " + series + " prompt " + n + ' ').repeat(100))
        .toList();
  }

  private void writeGarbage() {
    redis.command("XADD", LOG, "*", "n", "many", "b", "x");
    redis.command("XADD", LOG, "*", "other", "program");
    redis.command("XADD", LOG, "*", "n", "99999999999999999999999", "b", "\u0000\uffff\u0001");
    redis.command("XADD", LOG, "*", "n", "9223372036854775807", "b", "");
    redis.command("XADD", LOG, "*", "b", "x".repeat(3 << 20));
    redis.command("XADD", LOG, "*", "n", "", "b", "\u0001".repeat(400));
    redis.command("HSET", SNAPSHOT, "position", "many", "chunks", "x", "id", "y");
  }

  @Test
  void theyStillShareAndSoDoesOneThatStarts() {
    try (RunningPicker one = RunningPicker.start(configuration, servers);
        RunningPicker other = RunningPicker.start(configuration, servers)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> isSharing(one) && isSharing(other));

      writeGarbage();
      assertThatTheyShare(one, other);
      assertThatTheyShare(other, one);

      try (RunningPicker fresh = RunningPicker.start(configuration, servers)) {
        assertThatTheyShare(one, fresh);
        writeGarbage();
        assertThatTheyShare(fresh, other);
        assertThat(fresh.metrics().sum("llm_d_epp_state_batches_refused_total")).isPositive();
      }
      for (RunningPicker picker : List.of(one, other)) {
        assertThat(picker.metrics().sum("llm_d_epp_thread_failures_total")).isZero();
        assertThat(picker.metrics().sum("llm_d_epp_thread_alive")).isEqualTo(THREADS);
      }
    }
  }

  @Test
  void theyShareBehindAHundredThousandBatchesOfStrangers() {
    try (RunningPicker one = RunningPicker.start(configuration, servers);
        RunningPicker other = RunningPicker.start(configuration, servers)) {
      await().until(() -> isSharing(one) && isSharing(other));

      for (int i = 0; i < FLOODS; i++) {
        redis.command(
            "EVAL",
            FLOOD,
            "1",
            LOG,
            Integer.toString(i * FLOOD_ENTRIES),
            Integer.toString(FLOOD_ENTRIES));
        redis.command("XADD", LOG, "*", "n", "1", "b", "x".repeat(10 << 20));
      }
      assertThatTheyShare(one, other, PATIENCE);
      assertThatTheyShare(other, one, PATIENCE);
      try (RunningPicker fresh = RunningPicker.start(configuration, servers)) {
        assertThatTheyShare(one, fresh, PATIENCE);
        assertThatTheyShare(fresh, other, PATIENCE);
        assertThat(fresh.metrics().sum("llm_d_epp_thread_failures_total")).isZero();
      }
      assertThat(other.metrics().sum("llm_d_epp_state_batches_refused_total")).isPositive();
      assertThat(other.metrics().sum("llm_d_epp_thread_failures_total")).isZero();
    }
  }
}
