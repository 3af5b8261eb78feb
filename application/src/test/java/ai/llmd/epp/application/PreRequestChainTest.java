package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RequestRefused;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Termination;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreRequestChainTest {

  private static final PreRequest REFUSES =
      routed -> {
        throw new RequestRefused(Reason.NOT_CACHED, "nothing cached");
      };
  private static final PreRequest BREAKS =
      routed -> {
        throw new IllegalStateException("boom");
      };

  private final RoutingFixture fixture = new RoutingFixture().withPods(1);
  private final List<ResponseSummary> ends = new ArrayList<>();

  private final PreRequest holds =
      routed ->
          new ResponseObserver() {
            @Override
            public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
              ends.add(summary);
              return Map.of();
            }
          };

  private Reject rejected() {
    return (Reject) fixture.route(request());
  }

  @Test
  void passesHeaderChangesOn() {
    fixture.preRequest(
        "header",
        routed -> {
          routed.headers().set("x-prefiller", "10.0.0.1:8000");
          return null;
        });

    Route route = (Route) fixture.route(request());

    assertThat(route.headers().toSet()).containsEntry("x-prefiller", "10.0.0.1:8000");
  }

  @Test
  void keepsTheReasonOfASingleRefusal() {
    fixture.preRequest("a", REFUSES).preRequest("b", holds);

    Reject reject = rejected();

    assertThat(reject.reason()).isEqualTo(Reason.NOT_CACHED);
    assertThat(reject.detail()).isEqualTo("nothing cached");
  }

  @Test
  void callsAnUntypedFailureItsOwn() {
    fixture.preRequest("a", BREAKS);

    Reject reject = rejected();

    assertThat(reject.reason()).isEqualTo(Reason.INTERNAL);
    assertThat(reject.detail()).isEqualTo("PreRequest \"a/test-plugin\" failed: boom");
  }

  @Test
  void joinsSeveralFailuresWhateverTheirKind() {
    fixture.preRequest("a", REFUSES).preRequest("b", REFUSES).preRequest("c", BREAKS);

    Reject reject = rejected();

    assertThat(reject.reason()).isEqualTo(Reason.INTERNAL);
    assertThat(reject.detail())
        .isEqualTo(
            """
            PreRequest "a/test-plugin" failed: nothing cached
            PreRequest "b/test-plugin" failed: nothing cached
            PreRequest "c/test-plugin" failed: boom\
            """);
  }

  @Test
  void runsAllPluginsWhateverFails() {
    fixture.preRequest("a", BREAKS).preRequest("b", holds).preRequest("c", BREAKS);

    assertThat(rejected().evidence().steps()).hasSize(3);
    assertThat(fixture.faults).containsExactly("PreRequest a", "PreRequest c");
  }

  @Test
  void endsTheObserversOfARequestThatDoesNotLeave() {
    fixture.preRequest("a", holds).preRequest("b", BREAKS).preRequest("c", holds);

    rejected();

    assertThat(ends).hasSize(2);
    assertThat(ends).allMatch(end -> end.termination() == Termination.ERROR);
    assertThat(ends).allMatch(end -> end.firstByteNanos() == -1);
  }

  @Test
  void keepsTheScheduledChoiceInTheEvidenceOfARefusal() {
    fixture.preRequest("a", BREAKS);

    assertThat(rejected().evidence().choice()).isNotNull();
  }
}
