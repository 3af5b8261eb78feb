package ai.llmd.epp.acceptance.replicas;

import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Another program writes into the Redis through which replicas share. */
class StoreGarbageIT {

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
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final RedisServer redis = new RedisServer().start();
  private final SharedPrefixes replicas =
      new SharedPrefixes(new SharedStore.Redis(redis).configuration());

  @AfterEach
  void stop() {
    replicas.close();
    redis.close();
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

  private void flood() {
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
  }

  @Test
  void theyStillShareAndSoDoesOneThatStarts() {
    try (RunningPicker one = replicas.start();
        RunningPicker other = replicas.start()) {
      await().atMost(Duration.ofSeconds(30)).until(() -> SharedPrefixes.areSharing(one, other));

      replicas.assertThatTheyShareDespite(this::writeGarbage, one, other, SharedPrefixes.BOUND);
    }
  }

  @Test
  void theyShareBehindAHundredThousandBatchesOfStrangers() {
    try (RunningPicker one = replicas.start();
        RunningPicker other = replicas.start()) {
      await().until(() -> SharedPrefixes.areSharing(one, other));

      replicas.assertThatTheyShareBehind(this::flood, one, other, PATIENCE);
    }
  }
}
