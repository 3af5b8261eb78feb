package ai.llmd.epp.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.application.Decisions;
import ai.llmd.epp.domain.routing.Evicted;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class DecisionJsonTest {

  @Test
  void showsWhereARequestWentAndWhy() {
    assertThat(DecisionJson.render(Decisions.recorded(Decisions.degradedRoute())))
        .isEqualTo(
            """
            {"requestId":"req-1","time":"1970-01-01T00:00:01Z","model":"llama",\
            "targetModel":"tuned","priority":-1,"fairnessId":"alice",\
            "objective":{"name":"premium","isKnown":true},\
            "rewrite":{"name":"canary","rule":1},\
            "outcome":{"decision":"route",\
            "endpoints":[{"endpoint":"ns/pod-1","address":"[fd00::2]:8000"}]},\
            "candidates":2,"scheduleNanos":40000,"totalNanos":50000,\
            "steps":[{"extensionPoint":"DataProducer","plugin":"prefix","type":"approx",\
            "nanos":1000,"degraded":"failed"}],\
            "profiles":[{"profile":"default","role":"primary","candidates":2,\
            "filters":[{"plugin":"role","type":"role-filter","nanos":2000,"kept":1,\
            "droppedCount":1,"dropped":["ns/pod-0"]}],\
            "scorers":[{"plugin":"queue","type":"queue-scorer","weight":2.0,"nanos":3000}],\
            "shown":[{"endpoint":"ns/pod-0","waitingRequests":null,"runningRequests":null,\
            "kvCacheUtilization":null,"sampleAgeNanos":null,\
            "agesNanos":{"waitingRequests":null,"runningRequests":null,\
            "kvCacheUtilization":null,"adapters":null},"scores":{"queue":null},"total":null},\
            {"endpoint":"ns/pod-1","waitingRequests":3,"runningRequests":2,\
            "kvCacheUtilization":0.5,"sampleAgeNanos":400,\
            "agesNanos":{"waitingRequests":400,"runningRequests":400,\
            "kvCacheUtilization":400,"adapters":400},"scores":{"queue":0.25},"total":0.5}],\
            "pick":{"plugin":"max","type":"max-score-picker","nanos":4000,\
            "endpoints":["ns/pod-1"]}}]}\
            """);
  }

  @Test
  void showsWhyARequestWasRefused() {
    JsonNode json =
        new ObjectMapper()
            .readTree(
                DecisionJson.render(
                    Decisions.recorded(Decisions.reject(Reason.NO_CANDIDATE, Evidence.NONE))));

    assertThat(json.at("/outcome/decision").asString()).isEqualTo("reject");
    assertThat(json.at("/outcome/reason").asString()).isEqualTo("no_candidate");
    assertThat(json.at("/outcome/detail").asString()).isEqualTo("a \"quoted\" detail");
    assertThat(json.at("/profiles").isEmpty()).isTrue();
    assertThat(json.at("/objective").isNull()).isTrue();
    assertThat(json.at("/rewrite").isNull()).isTrue();
  }

  @Test
  void showsWhoWasEvictedForWhom() {
    Evicted evicted = new Evicted();
    DecisionRecord record =
        Decisions.recorded(
            Decisions.reject(
                Reason.NO_CANDIDATE,
                new Evidence(
                    Resolution.NONE,
                    0,
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    0,
                    0,
                    new FlowEvidence(
                        -1, "a", "Dispatched", true, 7, 0.5, 1, List.of("victim"), evicted))));
    assertThat(DecisionJson.render(record))
        .contains("\"ceiling\":1.0,\"madeRoom\":[\"victim\"]}")
        .doesNotContain("evictedFor");
    evicted.forBand(10);
    assertThat(DecisionJson.render(record)).contains("\"evictedFor\":{\"priority\":10}");
    evicted.forRequest("urgent");
    assertThat(DecisionJson.render(record))
        .contains("\"evictedFor\":{\"priority\":10,\"requestId\":\"urgent\"}");
  }

  @Test
  void escapesWhatClientsPutIntoNames() {
    String hostile = "a\"b\\c\n\u0001é\ud800";

    JsonNode json =
        new ObjectMapper()
            .readTree(new JsonWriter().beginObject().member("k", hostile).endObject().toString());

    assertThat(json.get("k").asString()).isEqualTo(hostile);
  }

  @Test
  void rendersSeveralAsAnArray() {
    DecisionRecord one = Decisions.recorded(Decisions.route());

    JsonNode json = new ObjectMapper().readTree(DecisionJson.render(List.of(one, one)));

    assertThat(json.size()).isEqualTo(2);
    assertThat(json.get(1).get("requestId").asString()).isEqualTo("req-1");
    assertThat(DecisionJson.render(List.of())).isEqualTo("[]");
  }
}
