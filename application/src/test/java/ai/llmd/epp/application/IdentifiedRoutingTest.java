package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static ai.llmd.epp.application.RoutingFixture.withFairnessId;
import static ai.llmd.epp.application.RoutingFixture.withModels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestRefused;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a request when plugins look at its headers before it is admitted. */
class IdentifiedRoutingTest {

  private static final FactKey<String> COLOUR = RequestAttribute.key("colour", "");

  private final RoutingFixture fixture = new RoutingFixture().withPods(2);

  /** What is shown of an agent's session. */
  private static String shown(String session) {
    return "agent-" + new IdentityDigest(0).of(16, session);
  }

  @Test
  void theAgentIsTheFairnessIdOfARequestThatNamesNone() {
    fixture.identifier("agent", agent("session-7"));

    assertThat(routed(request()).labels().fairnessId()).isEqualTo(shown("session-7"));
    assertThat(routed(withFairnessId("tenant")).labels().fairnessId()).isEqualTo("tenant");
  }

  @Test
  void withoutAnAgentARequestQueuesWithAllOthers() {
    assertThat(routed(request()).labels().fairnessId()).isEqualTo("default-flow");
    fixture.identifier("silent", (request, facts) -> {}).identifier("empty", agent(""));
    assertThat(routed(request()).labels().fairnessId()).isEqualTo("default-flow");
  }

  @Test
  void theLaterOfTwoAgentsCounts() {
    fixture.identifier("one", agent("first")).identifier("two", agent("second"));

    assertThat(routed(request()).labels().fairnessId()).isEqualTo(shown("second"));
  }

  @Test
  void whatIsFoundOutIsThereForProducersAndPreRequestPlugins() {
    List<String> seen = new ArrayList<>();
    fixture
        .identifier("colour", (request, facts) -> facts.put(COLOUR, "red"))
        .producer("p", cycle -> seen.add("producer " + cycle.facts().get(COLOUR)))
        .preRequest(
            "r",
            routed -> {
              seen.add("pre-request " + routed.facts().get(COLOUR));
              return null;
            });

    routed(request());

    assertThat(seen).containsExactly("producer red", "pre-request red");
  }

  @Test
  void eachIsTimedUnderItsExtensionPoint() {
    fixture.identifier("agent", agent("a")).producer("facts", cycle -> {});

    assertThat(routed(request()).evidence().steps())
        .extracting(
            Evidence.Step::extensionPoint,
            Evidence.Step::name,
            Evidence.Step::type,
            Evidence.Step::nanos)
        .containsExactly(
            tuple("RequestHeader", "agent", "test-identifier", 1_000L),
            tuple("DataProducer", "facts", "test-producer", 1_000L));
  }

  @Test
  void aRequestThatIsShedHasBeenIdentified() {
    fixture.saturation = 1;
    fixture.identifier("agent", agent("session-7"));

    Reject reject = refused(fixture.withPriority(-1));

    assertThat(reject.reason()).isEqualTo(Reason.SHED);
    assertThat(reject.labels().fairnessId()).isEqualTo(shown("session-7"));
    assertThat(reject.evidence().steps()).hasSize(1);
  }

  @Test
  void theFirstFailureEndsTheRequestWithAClearAnswer() {
    List<String> asked = new ArrayList<>();
    fixture
        .identifier("agent", agent("session-7"))
        .identifier(
            "broken",
            (request, facts) -> {
              throw new IllegalStateException("repeats what the client sent");
            })
        .identifier("late", (request, facts) -> asked.add("late"))
        .producer("facts", cycle -> asked.add("facts"));

    Reject reject = refused(request());

    assertThat(reject.reason()).isEqualTo(Reason.INTERNAL);
    assertThat(reject.detail())
        .isEqualTo("RequestHeader \"broken/test-identifier\" failed with IllegalStateException");
    assertThat(reject.labels().fairnessId()).isEqualTo(shown("session-7"));
    assertThat(asked).isEmpty();
    assertThat(fixture.faults).containsExactly("RequestHeader broken");
    assertThat(reject.evidence().steps())
        .as("a failing one is not timed")
        .extracting(Evidence.Step::name)
        .containsExactly("agent");
  }

  @Test
  void brokenCodeEndsOnlyItsRequest() {
    fixture.identifier(
        "broken",
        (request, facts) -> {
          throw new NoSuchMethodError("of another version");
        });

    assertThat(refused(request()).detail())
        .isEqualTo("RequestHeader \"broken/test-identifier\" failed with NoSuchMethodError");
    assertThat(fixture.faults).containsExactly("RequestHeader broken");
  }

  @Test
  void aRefusalKeepsItsReason() {
    fixture.identifier(
        "gate",
        (request, facts) -> {
          throw new RequestRefused(Reason.SHED, "come back tomorrow");
        });

    Reject reject = refused(request());

    assertThat(reject.reason()).isEqualTo(Reason.SHED);
    assertThat(reject.detail()).isEqualTo("come back tomorrow");
  }

  @Test
  void noIdentifierIsCalledForARequestWithoutAModel() {
    List<String> asked = new ArrayList<>();
    fixture.identifier("agent", (request, facts) -> asked.add("agent"));

    assertThat(refused(withModels("", "", true)).reason()).isEqualTo(Reason.MALFORMED);

    assertThat(asked).isEmpty();
  }

  private static RequestIdentifier agent(String session) {
    return (request, facts) -> facts.put(RequestAttribute.AGENT_IDENTITY, session);
  }

  private Route routed(ReceivedRequest request) {
    return (Route) fixture.route(request);
  }

  private Reject refused(ReceivedRequest request) {
    RoutingDecision decision = fixture.route(request);
    assertThat(decision).isInstanceOf(Reject.class);
    return (Reject) decision;
  }
}
