package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.in.Routing.Waiting;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.waiting.WaitingCount;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that cannot be decided at once. */
@Timeout(30)
class WaitingRoutingTest {

  private static final FactKey<String> WORD = new FactKey<>("Word", "test", String.class);
  private static final Duration LONG = Duration.ofHours(1);

  private final CountDownLatch released = new CountDownLatch(1);
  private final RoutingFixture fixture = new RoutingFixture().withPods(2);

  private Facts word() throws InterruptedException {
    released.await();
    Facts facts = new Facts();
    facts.put(WORD, "late");
    return facts;
  }

  private Produced later() {
    return new Produced.Later(this::word, LONG);
  }

  private static RoutingDecision awaited(Routing routing) throws InterruptedException {
    assertThat(routing).isInstanceOf(Waiting.class);
    return routing.await();
  }

  private static List<String> steps(RoutingDecision decision) {
    return decision.evidence().steps().stream()
        .map(step -> step.extensionPoint() + " " + step.name() + " " + step.degraded())
        .map(String::strip)
        .toList();
  }

  @Test
  void decidesAtOnceWhenNothingHasToWait() {
    fixture.producer("quick", cycle -> {});

    assertThat(fixture.service().route(request())).isInstanceOf(Routing.Decided.class);
    assertThat(fixture.waiting.count()).isZero();
  }

  @Test
  void goesOnWithTheFactsThatAProducerWaitedFor() throws Exception {
    List<String> seen = new ArrayList<>();
    fixture
        .anyProducer("slow", cycle -> later())
        .producer("behind", cycle -> seen.add(String.valueOf(cycle.facts().get(WORD))));

    Routing routing = fixture.service().route(request());
    assertThat(seen).isEmpty();
    released.countDown();
    RoutingDecision decision = awaited(routing);

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(seen).containsExactly("late");
    assertThat(steps(decision)).containsExactly("DataProducer slow", "DataProducer behind");
  }

  @Test
  void gathersFactsOfTheRequestAloneBeforeItIsAdmitted() throws Exception {
    List<String> order = new ArrayList<>();
    fixture.requestProducer(
        "tokens",
        (request, facts) -> {
          order.add("tokens");
          return later();
        });
    fixture.admission =
        (request, facts, candidates, budget, now) -> {
          order.add("admission with " + facts.get(WORD));
          return Admission.Admitted.INSTANCE;
        };
    released.countDown();

    RoutingDecision decision = awaited(fixture.service().route(request()));

    assertThat(order).containsExactly("tokens", "admission with late");
    assertThat(steps(decision)).containsExactly("RequestDataProducer tokens");
  }

  @Test
  void freezesTheCandidatesWhenTheRequestHasBeenAdmitted() throws Exception {
    fixture.admission =
        (request, facts, candidates, budget, now) ->
            new Admission.Later(
                () -> {
                  released.await();
                  return Admission.Admitted.INSTANCE;
                },
                LONG);

    Routing routing = fixture.service().route(request());
    fixture.withPods(3);
    released.countDown();
    Route route = (Route) awaited(routing);

    assertThat(route.evidence().candidates()).isEqualTo(3);
    assertThat(route.endpoints().getFirst()).isEqualTo(Endpoints.pods(3).getLast());
  }

  @Test
  void refusesWhatAnAdmissionRefusesAfterAWait() throws Exception {
    fixture.admission =
        (request, facts, candidates, budget, now) ->
            new Admission.Later(() -> new Admission.Refused(Reason.SHED, "no room"), LONG);

    var reject = (Reject) awaited(fixture.service().route(request()));

    assertThat(reject.reason()).isEqualTo(Reason.SHED);
    assertThat(reject.detail()).isEqualTo("no room");
  }

  @Test
  void picksNoEndpointThatLeftDuringTheWaitAndNoneThatNoFactIsAbout() throws Exception {
    fixture.withPods(3).anyProducer("slow", cycle -> later());

    Routing routing = fixture.service().route(request());
    fixture.pool.keep(List.of(Endpoints.pods(4).get(0), Endpoints.pods(4).get(3)));
    released.countDown();
    Route route = (Route) awaited(routing);

    assertThat(route.endpoints()).containsExactly(Endpoints.pods(4).get(0));
  }

  @Test
  void takesAnyMemberWhenAllCandidatesLeftDuringTheWait() throws Exception {
    fixture.anyProducer("slow", cycle -> later());

    Routing routing = fixture.service().route(request());
    fixture.pool.keep(Endpoints.pods(4).subList(3, 4));
    released.countDown();
    Route route = (Route) awaited(routing);

    assertThat(route.endpoints()).containsExactly(Endpoints.pods(4).get(3));
  }

  @Test
  void readsTheLoadsAnewAfterAWait() throws Exception {
    AtomicReference<EndpointLoad> seen = new AtomicReference<>();
    fixture.withPods(1).anyProducer("slow", cycle -> later());
    fixture.filter =
        cycle -> {
          seen.set(cycle.candidates().get(0).load());
          return cycle.candidates();
        };
    var sample = new EndpointLoad(7, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, true);

    Routing routing = fixture.service().route(request());
    fixture.pool.current().member(0).publish(before -> sample);
    released.countDown();
    awaited(routing);

    assertThat(seen.get()).isEqualTo(sample);
  }

  @Test
  void skipsAProducerThatSpendsItsBudgetAndThoseBehindIt() throws Exception {
    List<String> ran = new ArrayList<>();
    fixture
        .anyProducer("slow", cycle -> new Produced.Later(this::word, Duration.ofMillis(20)))
        .producer("behind", cycle -> ran.add("behind"));

    RoutingDecision decision = awaited(fixture.service().route(request()));

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(ran).isEmpty();
    assertThat(steps(decision)).containsExactly("DataProducer slow spent its budget of 20 ms");
    assertThat(fixture.faults).containsExactly("DataProducer slow");
  }

  @Test
  void interruptsWhoSpendsItsBudget() throws Exception {
    var interrupted = new CompletableFuture<Boolean>();
    fixture.anyProducer(
        "slow",
        cycle ->
            new Produced.Later(
                () -> {
                  try {
                    return word();
                  } catch (InterruptedException e) {
                    interrupted.complete(true);
                    throw e;
                  }
                },
                Duration.ofMillis(20)));

    awaited(fixture.service().route(request()));

    assertThat(interrupted).succeedsWithin(Duration.ofSeconds(10));
  }

  private static void awaitDespiteInterrupts(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException ignored) {
        // as a plugin that knows nothing of interrupts
      }
    }
  }

  @Test
  void goesOnWithoutAProducerThatIgnoresItsInterrupt() throws Exception {
    fixture.anyProducer(
        "deaf",
        cycle ->
            new Produced.Later(
                () -> {
                  awaitDespiteInterrupts(released);
                  return new Facts();
                },
                Duration.ofMillis(20)));

    RoutingDecision decision = awaited(fixture.service().route(request()));
    released.countDown();

    assertThat(decision).isInstanceOf(Route.class);
  }

  @Test
  void asksNoMorePluginsThanMayWait() throws Exception {
    fixture.anyProducer("slow", cycle -> later());
    while (fixture.pluginCalls.enter()) {} // those that ignored their interrupts

    RoutingDecision decision = awaited(fixture.service().route(request()));

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(steps(decision))
        .containsExactly("DataProducer slow was not asked, too many calls have not ended");
  }

  @Test
  void takesTheBudgetOfAStepFromWhatIsLeftOfTheRequests() throws Exception {
    fixture.longestWait = Duration.ofMillis(30);
    fixture.anyProducer("slow", cycle -> later());

    RoutingDecision decision = awaited(fixture.service().route(request()));

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(steps(decision).getFirst()).startsWith("DataProducer slow spent its budget of");
  }

  @Test
  void letsARequestInWhoseAdmissionSpendsItsBudget() throws Exception {
    fixture.admission =
        (request, facts, candidates, budget, now) ->
            new Admission.Later(
                () -> {
                  released.await();
                  return new Admission.Refused(Reason.SHED, "too late");
                },
                Duration.ofMillis(20));

    RoutingDecision decision = awaited(fixture.service().route(request()));

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(steps(decision).getFirst()).endsWith("spent its budget of 20 ms");
  }

  @Test
  void reportsAProducerThatFailsAfterAWaitUnderItsName() throws Exception {
    fixture.anyProducer(
        "broken",
        cycle ->
            new Produced.Later(
                () -> {
                  throw new IllegalStateException("a secret of the prompt");
                }));

    RoutingDecision decision = awaited(fixture.service().route(request()));

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(steps(decision))
        .containsExactly("DataProducer broken failed with IllegalStateException");
    assertThat(fixture.faults).containsExactly("DataProducer broken");
  }

  @Test
  void stopsWaitingWhenTheClientLeaves() throws Exception {
    var interrupted = new CompletableFuture<Boolean>();
    List<RoutingDecision> notified = new ArrayList<>();
    fixture.observers.add(notified::add);
    fixture.anyProducer(
        "slow",
        cycle ->
            new Produced.Later(
                () -> {
                  try {
                    return word();
                  } catch (InterruptedException e) {
                    interrupted.complete(true);
                    throw e;
                  }
                },
                LONG));
    Routing routing = fixture.service().route(request());
    var outcome = new CompletableFuture<RoutingDecision>();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    outcome.complete(routing.await());
                  } catch (InterruptedException e) {
                    outcome.completeExceptionally(e);
                  }
                });
    await().until(() -> fixture.waiting.count() == 1);

    waiting.interrupt();

    assertThat(outcome).failsWithin(Duration.ofSeconds(10));
    assertThat(interrupted).succeedsWithin(Duration.ofSeconds(10));
    assertThat(fixture.waiting.count()).isZero();
    assertThat(notified).isEmpty();
  }

  @Test
  void refusesMoreThanMayWait() throws Exception {
    fixture.anyProducer("slow", cycle -> later());
    for (int i = 0; i < fixture.waiting.limit(); i++) {
      assertThat(fixture.waiting.enter()).isTrue();
    }

    var reject = (Reject) awaited(fixture.service().route(request()));
    fixture.waiting.leave();
    released.countDown();
    RoutingDecision next = awaited(fixture.service().route(request()));

    assertThat(reject.reason()).isEqualTo(Reason.TOO_MANY_WAITING);
    assertThat(reject.detail()).isEqualTo("100 requests wait for their decision");
    assertThat(next).isInstanceOf(Route.class);
    assertThat(fixture.waiting.count()).isEqualTo(fixture.waiting.limit() - 1);
  }

  @Test
  void notifiesObserversOnceWhicheverWayADecisionCame() throws Exception {
    List<RoutingDecision> notified = new ArrayList<>();
    fixture.observers.add(notified::add);
    RoutingDecision atOnce = fixture.route(request());
    fixture.anyProducer("slow", cycle -> later());
    released.countDown();

    RoutingDecision late = awaited(fixture.service().route(request()));
    RoutingDecision bodiless = fixture.service().routeWithoutBody("r", SubsetHint.ALL);

    assertThat(notified).containsExactly(atOnce, late, bodiless);
  }

  @Test
  void notesHowLongAStepWaited() throws Exception {
    fixture.anyProducer("slow", cycle -> later());
    released.countDown();

    RoutingDecision decision = awaited(fixture.service().route(request()));

    Evidence.Step step = decision.evidence().steps().getFirst();
    assertThat(step.nanos()).isPositive();
    assertThat(step.type()).isEqualTo("test-producer");
  }

  @Test
  void refusesALimitThatLetsNothingWait() {
    assertThatThrownBy(() -> new WaitingCount(0)).hasMessage("limit must be 1 or more, was 0");
  }
}
