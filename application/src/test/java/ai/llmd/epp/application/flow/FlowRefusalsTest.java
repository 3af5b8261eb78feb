package ai.llmd.epp.application.flow;

import static ai.llmd.epp.application.flow.FlowControllerFixture.budget;
import static ai.llmd.epp.application.flow.FlowControllerFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.Admission.Refused;
import ai.llmd.epp.application.SaturationAdmission;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What the reference answered when it did not let a request in. */
class FlowRefusalsTest {

  /** The dropped reason that each of the reasons is answered with. */
  private static final Map<String, Reason> REASONS =
      Map.of(
          "rejected-saturated", Reason.QUEUE_FULL,
          "rejected-ttl-expired", Reason.QUEUE_TIMEOUT,
          "rejected-no-endpoints", Reason.NO_CANDIDATE,
          "rejected-context-cancelled", Reason.CLIENT_GONE,
          "rejected-shutting-down", Reason.STOPPING);

  /** What a flow control that fails is answered with; here it lets its requests in. */
  private static final String FAILED = "internal flow control error: ";

  static Stream<JsonNode> refusals() {
    return GoldenFiles.read(FlowRefusalsTest.class, "flow_control.json")
        .get("admissionErrors")
        .valueStream()
        .filter(golden -> golden.path("message").isString())
        .filter(golden -> !golden.get("message").asString().startsWith(FAILED));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void isAnsweredAsRecorded(JsonNode golden) {
    List<Refused> all = new ArrayList<>(List.of(shed()));
    for (FlowOutcome outcome :
        EnumSet.complementOf(EnumSet.of(FlowOutcome.DISPATCHED, FlowOutcome.NOT_YET_FINALIZED))) {
      all.add(FlowRefusals.of(outcome, true, 0));
      all.add(FlowRefusals.of(outcome, false, 0));
    }
    JsonNode dropped = golden.path("droppedReason");
    Reason reason = dropped.isString() ? REASONS.get(dropped.asString()) : Reason.SHED;
    assertThat(all)
        .contains(new Refused(Objects.requireNonNull(reason), golden.get("message").asString()));
  }

  /** Without the feature gate. */
  private static Refused shed() {
    var request = request("a", -1, 1);
    var outcome =
        new SaturationAdmission((candidates, nowNanos) -> 1)
            .admit(request, new Facts(), Candidates.of(0, List.of()), budget(request), 0);
    return (Refused) outcome;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          REJECTED_CAPACITY | false | QUEUE_FULL | request rejected pre-queue: queue at capacity
          REJECTED_NO_ENDPOINTS | true | NO_CANDIDATE | no endpoints available: request rejected pre-queue: no endpoints available
          REJECTED_EXPIRED | false | QUEUE_TIMEOUT | request timed out in queue: request rejected pre-queue: request TTL expired
          REJECTED_EXPIRED | true | NO_CANDIDATE | request timed out in queue and no endpoints are available: request rejected pre-queue: request TTL expired
          REJECTED_CANCELLED | false | CLIENT_GONE | client disconnected: request rejected pre-queue: request context cancelled: context canceled
          REJECTED_OTHER | false | STOPPING | flow controller shutting down: request rejected pre-queue: flow controller is not running
          EVICTED_TTL | false | QUEUE_TIMEOUT | request timed out in queue: request evicted from queue: request TTL expired
          EVICTED_TTL | true | NO_CANDIDATE | request timed out in queue and no endpoints are available: request evicted from queue: request TTL expired
          EVICTED_NO_ENDPOINTS | true | NO_CANDIDATE | request timed out in queue and no endpoints are available: request evicted from queue: request TTL expired: no endpoints available
          EVICTED_CONTEXT_CANCELLED | false | CLIENT_GONE | client disconnected: request evicted from queue: request context cancelled: context canceled
          EVICTED_OTHER | false | STOPPING | flow controller shutting down: request evicted from queue: flow controller is not running
          """)
  void everyOutcomeHasItsText(
      FlowOutcome outcome, boolean isPoolEmpty, Reason reason, String detail) {
    assertThat(FlowRefusals.of(outcome, isPoolEmpty, 0)).isEqualTo(new Refused(reason, detail));
  }
}
