package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.domain.health.EndpointHealth.State;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three endpoints, of which the scorer always wants the last one. */
class FailingEndpointsTest {

  private static final String WANTED = "192.168.1.3:8000";
  private static final String SECOND = "192.168.1.2:8000";

  private final RoutingFixture fixture = new RoutingFixture();
  private final List<String> restarted = new ArrayList<>();
  private final PoolHealth health =
      new PoolHealth(
          fixture::tick,
          member -> restarted.add(member.endpoint().id().name()),
          () -> {},
          member -> 0);

  @BeforeEach
  void join() {
    fixture.health = health;
    fixture.pool.observe(List.of(health));
    fixture.withPods(3);
  }

  private Route route() {
    return (Route) fixture.route(request());
  }

  private static void answer(Route route, String status) {
    answer(route, Map.of(":status", status), null);
  }

  private static void answer(Route route, Map<String, String> headers, @Nullable String served) {
    begin(route, headers, served);
    end(route, Termination.NATURAL);
  }

  private static void begin(Route route, Map<String, String> headers, @Nullable String served) {
    Map<String, Map<String, String>> metadata =
        served == null
            ? Map.of()
            : Map.of("envoy.lb", Map.of("x-gateway-destination-endpoint-served", served));
    FakeResponseHead head = FakeResponseHead.of(headers, metadata);
    route.observers().forEach(observer -> observer.onHeaders(head));
  }

  @ParameterizedTest
  @ValueSource(strings = {"502", "503", "504"})
  void theNextTryGoesElsewhereWhenTheGatewayDidNotReachTheServer(String status) {
    health.lost(member(2));
    answer(route(), status);
    Route next = route();
    assertThat(next.destination()).isEqualTo(SECOND);
    assertThat(next.evidence().steps())
        .extracting(Evidence.Step::extensionPoint, Evidence.Step::degraded)
        .contains(tuple("EndpointHealth", "avoided pod-2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"200", "400", "404", "429", "501"})
  void anAnswerThatIsNoFailureChangesNothing(String status) {
    for (int i = 0; i < 10; i++) {
      Route route = route();
      assertThat(route.destination()).isEqualTo(WANTED);
      assertThat(route.evidence().steps()).isEmpty();
      answer(route, status);
    }
  }

  @Test
  void aServerThatFailsEveryRequestIsLeftAfterThree() {
    for (int i = 0; i < 3; i++) {
      answer(route(), "500");
      polled(2);
    }
    assertThat(route().destination()).isEqualTo(SECOND);
    assertThat(health.count(State.OUT)).isEqualTo(1);
  }

  @Test
  void aProbeThatIsAnsweredBringsAServerBack() {
    for (int i = 0; i < 3; i++) {
      answer(route(), "500");
      polled(2);
    }
    fixture.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    Route probe = route();
    assertThat(probe.destination()).isEqualTo(WANTED);
    assertThat(route().destination()).as("one at a time").isEqualTo(SECOND);
    answer(probe, "200");
    assertThat(route().destination()).isEqualTo(WANTED);
  }

  @Test
  void aServerThatCannotBeConnectedToIsLeftUntilItCan() {
    refused(2);
    assertThat(route().destination()).isEqualTo(WANTED);
    refused(2);
    assertThat(route().destination()).isEqualTo(SECOND);
    assertThat(restarted).containsExactly("pod-2");
    polled(2);
    assertThat(route().destination()).isEqualTo(WANTED);
    assertThat(restarted).as("what was sent there meanwhile").containsExactly("pod-2", "pod-2");
  }

  @Test
  void oneIsTakenWhenNoneIsLeft() {
    for (int slot = 0; slot < 3; slot++) {
      refused(slot);
      refused(slot);
    }
    assertThat(route().destination()).isEqualTo(WANTED);
    assertThat(health.count(State.OUT)).isEqualTo(3);
  }

  @Test
  void oneIsTakenWhenTheProfileAllowsNoOther() {
    fixture.filter =
        cycle ->
            cycle
                .candidates()
                .where(
                    candidate ->
                        candidate.endpoint().port() == 8000
                            && candidate.endpoint().address().equals("192.168.1.3"));
    refused(2);
    refused(2);
    assertThat(route().destination()).isEqualTo(WANTED);
  }

  @Test
  void anEndpointThatLeavesAndComesBackStartsAnew() {
    refused(2);
    refused(2);
    fixture.withPods(2);
    fixture.withPods(3);
    assertThat(route().destination()).isEqualTo(WANTED);
  }

  @Test
  void anAnswerOfAnotherEndpointIsNotItsOwn() {
    for (int i = 0; i < 5; i++) {
      answer(route(), Map.of(":status", "503"), SECOND);
    }
    assertThat(route().destination()).isEqualTo(WANTED);
  }

  @Test
  void responsesWithoutAStatusTeachNothing() {
    RoutingDecision decision = route();
    answer((Route) decision, Map.of(), null);
    assertThat(health.count(State.HEALTHY)).isEqualTo(3);
  }

  private static void end(Route route, Termination termination) {
    var summary = new ResponseSummary(termination, Usage.NONE, true, 0, 0, 0, 0);
    route.observers().forEach(observer -> observer.onEnd(summary));
  }

  @Test
  void aResponseThatIsCutShortCountsOnlyWhenThePollsAreCutOffAsWell() {
    for (int i = 0; i < 10; i++) {
      Route cancelled = route();
      begin(cancelled, Map.of(":status", "200"), null);
      end(cancelled, Termination.CLIENT_DISCONNECT);
    }
    assertThat(route().destination()).as("clients go as they like").isEqualTo(WANTED);

    health.lost(member(2));
    Route cut = route();
    begin(cut, Map.of(":status", "200"), null);
    end(cut, Termination.ERROR);
    assertThat(route().destination()).isEqualTo(SECOND);
  }

  @Test
  void aServerThatAnswersNothingAnyMoreIsLeftAfterAWhile() {
    learnAnswerTimes();
    Route waiting = route();
    fixture.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    health.unanswered(member(2));
    assertThat(route().destination()).isEqualTo(WANTED);
    fixture.nanos.addAndGet(Duration.ofMillis(1_100).toNanos());
    health.unanswered(member(2));
    assertThat(route().destination()).isEqualTo(SECOND);

    answer(waiting, "200");
    assertThat(route().destination()).as("it lives").isEqualTo(WANTED);
  }

  @Test
  void aServerWhosePollsAreAnsweredMayTakeItsTime() {
    learnAnswerTimes();
    route();
    fixture.nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    polled(2);
    assertThat(route().destination()).isEqualTo(WANTED);
    fixture.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    polled(2);
    assertThat(route().destination()).isEqualTo(SECOND);
  }

  @Test
  void anIdleServerIsNotSilent() {
    learnAnswerTimes();
    end(route(), Termination.CLIENT_DISCONNECT);
    fixture.nanos.addAndGet(Duration.ofMinutes(10).toNanos());
    health.unanswered(member(2));
    assertThat(route().destination()).isEqualTo(WANTED);
  }

  private void learnAnswerTimes() {
    for (int i = 0; i < 20; i++) {
      Route route = route();
      answer(route, "200");
    }
  }

  @Test
  void aGatewayThatProtectsItselfIsNoFailureOfTheServer() {
    health.lost(member(2));
    for (int i = 0; i < 5; i++) {
      answer(route(), Map.of(":status", "503", "x-envoy-overloaded", "true"), null);
    }
    assertThat(route().destination()).isEqualTo(WANTED);
  }

  @Test
  void anErrorThatTheServerGaveItselfNeedsMoreThanOne() {
    health.lost(member(2));
    answer(route(), Map.of(":status", "503", "x-envoy-upstream-service-time", "3"), null);
    assertThat(route().destination()).as("it was reached").isEqualTo(WANTED);
  }

  private EndpointState member(int slot) {
    return fixture.pool.current().member(slot);
  }

  private void refused(int slot) {
    health.refused(member(slot));
  }

  private void polled(int slot) {
    health.answered(member(slot));
  }
}
