package ai.llmd.epp.acceptance.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a picker gives up shows at its metrics port. */
class DegradationTest {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static void awaitStep(RunningPicker picker, int number, String readiness) {
    picker.awaitSum("llm_d_epp_degradation_step", number);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(picker.get("/readyz").body()).matches(readiness));
    assertThat(picker.get("/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void showsStepByStepAsServersFail() {
    try (ModelServer first = ModelServer.loaded("a", 1, 0.5);
        ModelServer second = ModelServer.loaded("b", 1, 0.5);
        RunningPicker picker =
            RunningPicker.start(
                RunningPicker.configuration("queue-scorer"), List.of(first, second))) {
      awaitStep(picker, 0, "ok\n");

      second.close();
      awaitStep(picker, 3, "ok\ndegraded: endpoints_out\n");

      first.close();
      awaitStep(picker, 7, "ok\ndegraded: .*all_endpoints_out\n");
    }
  }

  @Test
  void showsAStateStoreThatIsAwayUntilItIsBack() {
    try (RedisServer redis = new RedisServer().start();
        ModelServer server = ModelServer.loaded("a", 1, 0.5);
        RunningPicker picker =
            RunningPicker.start(
                RunningPicker.configuration("queue-scorer")
                    + "stateStore: {type: redis, redis: {uri: \"%s\"}}\n".formatted(redis.uri()),
                List.of(server))) {
      awaitStep(picker, 0, "ok\nstate store: sharing .*\n");

      redis.kill();
      awaitStep(picker, 2, "ok\nstate store: cut off .*\ndegraded: state_store_away\n");

      redis.start();
      awaitStep(picker, 0, "ok\nstate store: sharing .*\n");
    }
  }
}
