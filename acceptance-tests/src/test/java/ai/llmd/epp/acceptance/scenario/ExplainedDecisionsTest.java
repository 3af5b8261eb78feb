package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every decision can be read on the metrics port. */
class ExplainedDecisionsTest {

  private static final List<ModelServer> SERVERS =
      List.of(
          ModelServer.start("idle", "127.0.0.1").reports(0, 1, 0.25),
          ModelServer.start("busy", "127.0.0.2").reports(8, 2, 0.5),
          ModelServer.start("barred", "127.0.0.3").reports(0, 0, 0));
  private static final Map<String, String> TWO_OF_THEM =
      Map.of("test-epp-endpoint-selection", "127.0.0.1,127.0.0.2", "x-request-id", "explained");

  private static RunningPicker picker;

  @BeforeAll
  static void start() {
    String configuration =
        RunningPicker.configuration(
                "header-based-testing-filter", "queue-scorer", "kv-cache-utilization-scorer")
            .replace("- pluginRef: queue-scorer\n", "- {pluginRef: queue-scorer, weight: 2}\n");
    picker = RunningPicker.start(configuration, SERVERS, "--decisions-kept=50");
  }

  @AfterAll
  static void stop() {
    picker.close();
    SERVERS.forEach(ModelServer::close);
  }

  private static JsonNode json(String pathAndQuery) {
    var answer = picker.get(pathAndQuery);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    return JsonMapper.shared().readTree(answer.body());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  @Test
  void aDecisionShowsWhatWasDroppedScoredAndPicked() {
    Asking.route(picker, TWO_OF_THEM, completion("m", "hello"));

    JsonNode decision = json("/debug/decisions?request_id=explained");

    assertThat(decision.get("requestId").asString()).isEqualTo("explained");
    assertThat(decision.get("model").asString()).isEqualTo("m");
    assertThat(decision.get("candidates").asInt()).isEqualTo(3);
    assertThat(decision.get("totalNanos").asLong())
        .isGreaterThanOrEqualTo(decision.get("scheduleNanos").asLong());
    JsonNode outcome = decision.get("outcome");
    assertThat(outcome.get("decision").asString()).isEqualTo("route");
    assertThat(outcome.get("endpoints").get(0).get("address").asString())
        .isEqualTo(SERVERS.getFirst().hostPort());

    JsonNode profile = decision.get("profiles").get(0);
    assertThat(profile.get("profile").asString()).isEqualTo("default");
    assertThat(profile.get("role").asString()).isEqualTo("primary");
    JsonNode filter = profile.get("filters").get(0);
    assertThat(filter.get("plugin").asString()).isEqualTo("header-based-testing-filter");
    assertThat(filter.get("kept").asInt()).isEqualTo(2);
    assertThat(filter.get("droppedCount").asInt()).isEqualTo(1);
    assertThat(texts(filter.get("dropped"))).containsExactly("default/barred");
    assertThat(filter.get("nanos").asLong()).isPositive();
    assertScorers(profile);
    JsonNode pick = profile.get("pick");
    assertThat(pick.get("type").asString()).isEqualTo("max-score-picker");
    assertThat(texts(pick.get("endpoints"))).containsExactly("default/idle");
    assertThat(pick.get("nanos").asLong()).isPositive();
  }

  private static void assertScorers(JsonNode profile) {
    JsonNode queue = profile.get("scorers").get(0);
    assertThat(queue.get("plugin").asString()).isEqualTo("queue-scorer");
    assertThat(queue.get("weight").asDouble()).isEqualTo(2);
    assertThat(queue.get("nanos").asLong()).isPositive();
    assertThat(profile.get("scorers").get(1).get("weight").asDouble()).isEqualTo(1);

    JsonNode idle = row(profile, "default/idle");
    assertThat(idle.get("waitingRequests").asInt()).isZero();
    assertThat(idle.get("runningRequests").asInt()).isEqualTo(1);
    assertThat(idle.get("kvCacheUtilization").asDouble()).isEqualTo(0.25);
    assertThat(idle.get("sampleAgeNanos").asLong()).isNotNegative();
    assertThat(idle.get("scores").get("queue-scorer").asDouble()).isEqualTo(1);
    assertThat(idle.get("scores").get("kv-cache-utilization-scorer").asDouble()).isEqualTo(0.75);
    assertThat(idle.get("total").asDouble()).isCloseTo(2.75, within(1e-9));
    JsonNode busy = row(profile, "default/busy");
    assertThat(busy.get("waitingRequests").asInt()).isEqualTo(8);
    assertThat(busy.get("total").asDouble()).isCloseTo(0.5, within(1e-9));
  }

  private static JsonNode row(JsonNode profile, String endpoint) {
    for (JsonNode row : profile.get("shown")) {
      if (row.get("endpoint").asString().equals(endpoint)) {
        return row;
      }
    }
    throw new AssertionError(endpoint + " is not shown: " + profile);
  }

  @Test
  void aRefusalShowsItsReason() {
    Asking.refused(
        Asking.open(picker, Map.of("x-request-id", "all-filtered"), completion("m", "hello")));

    JsonNode decision = json("/debug/decisions?request_id=all-filtered");

    assertThat(decision.get("outcome").get("decision").asString()).isEqualTo("reject");
    assertThat(decision.get("outcome").get("reason").asString()).isEqualTo("all_filtered");
    assertThat(decision.get("outcome").get("detail").asString()).isNotEmpty();
    assertThat(decision.get("profiles").get(0).get("filters").get(0).get("droppedCount").asInt())
        .isEqualTo(3);
  }

  @Test
  void theLatestDecisionsAreShownNewestFirst() {
    for (int i = 0; i < 60; i++) {
      Asking.refused(
          Asking.open(picker, Map.of("x-request-id", "latest-" + i), completion("m", "x")));
    }

    List<String> ids = new ArrayList<>();
    json("/debug/decisions?n=3").forEach(each -> ids.add(each.get("requestId").asString()));

    assertThat(ids).containsExactly("latest-59", "latest-58", "latest-57");
    assertThat(json("/debug/decisions").size()).isEqualTo(20);
    assertThat(json("/debug/decisions?n=10000").size()).isEqualTo(50);
    assertThat(picker.get("/debug/decisions?request_id=latest-0").statusCode()).isEqualTo(404);
  }

  @Test
  void anUnknownRequestIsNotFound() {
    assertThat(picker.get("/debug/decisions?request_id=never-seen").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "10001", "many", "", "99999999999", "1.5"})
  void aNumberThatMakesNoSenseIsABadRequest(String n) {
    var answer = picker.get("/debug/decisions?n=" + n);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("n must be a number from 1 to 10000\n");
  }
}
