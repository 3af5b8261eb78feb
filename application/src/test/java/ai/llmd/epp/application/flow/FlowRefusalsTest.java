package ai.llmd.epp.application.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.Admission.Refused;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
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

  static Stream<JsonNode> refusals() {
    return GoldenFiles.read(FlowRefusalsTest.class, "flow_control.json")
        .get("admissionErrors")
        .valueStream()
        .filter(golden -> golden.path("droppedReason").isString());
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void isAnsweredAsRecorded(JsonNode golden) {
    List<Refused> all = new ArrayList<>();
    for (FlowOutcome outcome :
        EnumSet.complementOf(EnumSet.of(FlowOutcome.DISPATCHED, FlowOutcome.NOT_YET_FINALIZED))) {
      all.add(FlowRefusals.of(outcome, true, 0));
      all.add(FlowRefusals.of(outcome, false, 0));
    }
    assertThat(all)
        .contains(
            new Refused(
                Objects.requireNonNull(REASONS.get(golden.get("droppedReason").asString())),
                golden.get("message").asString()));
  }
}
