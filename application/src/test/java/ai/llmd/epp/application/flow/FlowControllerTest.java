package ai.llmd.epp.application.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.Admission.Admitted;
import ai.llmd.epp.application.Admission.Queued;
import ai.llmd.epp.application.Admission.Refused;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FlowControllerTest extends FlowControllerFixture {

  /** Later than a request is queued by code that runs for the first time on a busy machine. */
  private static final long SOON = 1_000_000_000;

  @Test
  void passesAtOnceWhileThereIsRoom() {
    endpoints(1);
    slots = 2;
    FlowController controller = controller(new FlowFixture().build());

    Asked first = new Asked(controller, "a", 0, 10);
    assertThat(first.passedAtOnce()).isTrue();
    assertThat(first.evidence())
        .isEqualTo(new FlowEvidence(0, "a", "Dispatched", false, 0, 0, 1, List.of(), null));
    Asked second = new Asked(controller, "a", 0, 10); // the first does not show yet
    assertThat(second.passedAtOnce()).isTrue();
    assertThat(new Asked(controller, "a", 0, 10).passedAtOnce()).isFalse();
    assertThat(observer.of(FlowOutcome.DISPATCHED)).isEqualTo(2);
  }

  @Test
  void waitsForRoom() {
    endpoints(1);
    slots = 1;
    FlowController controller = controller(new FlowFixture().build());
    Asked first = new Asked(controller, "a", 0, 10).routed();
    Asked second = new Asked(controller, "b", 0, 10);
    assertThat(second.passedAtOnce()).isFalse();
    awaitWaiting(controller, 1);
    assertThat(observer.inside).hasValue(1);

    first.end(controller);

    assertThat(second.await()).isInstanceOf(Admitted.class);
    assertThat(second.evidence().isQueued()).isTrue();
    assertThat(second.evidence().waitedNanos()).isPositive();
    assertThat(second.evidence().saturation()).isEqualTo(1);
    awaitWaiting(controller, 0);
    assertThat(observer.inside).hasValue(0);
  }

  @Test
  void aLowerBandDoesNotOvertakeWhatWaits() {
    endpoints(1);
    slots = 1;
    FlowController controller = controller(new FlowFixture().bands(5, 0, -1).build());
    Asked running = new Asked(controller, "a", 0, 10).routed();
    Asked low = new Asked(controller, "a", -1, 10);
    awaitWaiting(controller, 1);
    Asked normal = new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 2);
    Asked high = new Asked(controller, "a", 5, 10);
    awaitWaiting(controller, 3);

    for (Asked next : List.of(high, normal, low)) {
      running.end(controller);
      assertThat(next.await()).isInstanceOf(Admitted.class);
      running = next.routed();
    }
  }

  @Test
  void runsNoCycleWhenNoneWaits() {
    endpoints(1);
    slots = 1;
    FlowController controller = controller(new FlowFixture().build());
    Asked running = new Asked(controller, "a", 0, 10).routed();
    Asked waiting = new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 1);
    await().atMost(LONG).until(() -> observer.cycles.get() > 3);
    running.end(controller);
    waiting.await();
    waiting.routed();
    await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(this::standsStill);
    assertThat(controller.figures().requests()).isZero();
  }

  private boolean standsStill() throws InterruptedException {
    int before = observer.cycles.get();
    new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
    return observer.cycles.get() == before;
  }

  @Test
  void aClientThatLeavesGivesItsPlaceUpAtOnce() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().build());
    Asked asked = new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 1);

    asked.thread.interrupt();

    assertThatThrownBy(asked::await).hasCauseInstanceOf(InterruptedException.class);
    awaitWaiting(controller, 0);
    assertThat(observer.of(FlowOutcome.EVICTED_CONTEXT_CANCELLED)).isEqualTo(1);
  }

  @Test
  void aClientThatHasLeftIsNotQueued() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().build());
    var request = request("a", 0, 10);
    var outcome =
        (Queued)
            new FlowAdmission(controller)
                .admit(request, new Facts(), pool.current().candidates(), budget(request), 0);

    outcome.place().giveUp();
    outcome.place().await();

    assertThatThrownBy(() -> outcome.rest().await()).isInstanceOf(InterruptedException.class);
    assertThat(observer.of(FlowOutcome.REJECTED_CANCELLED)).isEqualTo(1);
    assertThat(observer.inside).hasValue(0);
  }

  @Test
  void refusesBeyondItsLimits() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().capacity(1, 100).build());
    new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 1);

    assertThat(new Asked(controller, "a", 0, 10).refused())
        .isEqualTo(new Refused(Reason.QUEUE_FULL, "request rejected pre-queue: queue at capacity"));
    endpoints(0);
    assertThat(new Asked(controller, "a", 0, 10).refused())
        .isEqualTo(
            new Refused(
                Reason.NO_CANDIDATE,
                "no endpoints available: request rejected pre-queue: no endpoints available"));
  }

  @Test
  void replicasKnowWhatEachHasQueued() {
    endpoints(1);
    slots = 0;
    AtomicInteger changes = new AtomicInteger();
    FlowController controller = controller(new FlowFixture().capacity(3, 100).build());
    controller.shareWith(changes::incrementAndGet);
    new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 1);
    assertThat(changes).hasPositiveValue();
    Map<QueueKey, QueueLoad> here = Map.of(QueueKey.ofBand(0), new QueueLoad(1, 10));
    assertThat(controller.takeChanged()).isEqualTo(here);
    assertThat(controller.takeChanged()).isEmpty();
    assertThat(controller.queued()).isEqualTo(here);

    controller.queuedElsewhere(1, here);
    controller.queuedElsewhere(2, here);
    assertThat(controller.figures().everywhere(controller.figures().bands().getFirst()))
        .isEqualTo(new QueueLoad(3, 30));
    assertThat(new Asked(controller, "a", 0, 10).refused().reason()).isEqualTo(Reason.QUEUE_FULL);
    controller.peerGone(1);
    new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 2);
  }

  @Test
  void aBodyThatIsTooLargeForTheQueuesIsRefusedEvenWhenThePoolIsIdle() {
    endpoints(1);
    slots = 1;
    FlowController controller = controller(new FlowFixture().capacity(10, 100).build());
    assertThat(new Asked(controller, "a", 0, 101).refused().reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(new Asked(controller, "a", 0, 100).passedAtOnce()).isTrue();
  }

  @Test
  void waitsNoLongerThanItsTimeToLive() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().ttl(50_000_000, 100_000_000).build());
    Asked asked = new Asked(controller, "a", 0, 10);

    assertThat(asked.refused().detail())
        .isEqualTo("request timed out in queue: request evicted from queue: request TTL expired");
    assertThat(asked.refused().reason()).isEqualTo(Reason.QUEUE_TIMEOUT);
    assertThat(asked.evidence().outcome()).isEqualTo("EvictedTTL");
    assertThat(asked.evidence().waitedNanos()).isBetween(50_000_000L, 5_000_000_000L);

    endpoints(0);
    assertThat(new Asked(controller, "a", 0, 10).refused())
        .isEqualTo(
            new Refused(
                Reason.NO_CANDIDATE,
                "request timed out in queue and no endpoints are available: request evicted from"
                    + " queue: request TTL expired: no endpoints available"));
  }

  @Test
  void waitsNoLongerThanItsStream() {
    slots = 0;
    FlowController controller = controller(new FlowFixture().ttl(0, 0).build());
    assertThat(new Asked(controller, endingIn(SOON)).refused().detail())
        .as("no endpoint")
        .isEqualTo(
            "request timed out in queue and no endpoints are available: request evicted from"
                + " queue: request TTL expired");
    endpoints(1);
    assertThat(new Asked(controller, endingIn(SOON)).refused())
        .isEqualTo(
            new Refused(
                Reason.QUEUE_TIMEOUT,
                "request timed out in queue: request evicted from queue: request TTL expired"));
    Asked late = new Asked(controller, endingIn(0));
    assertThat(late.refused())
        .isEqualTo(
            new Refused(
                Reason.QUEUE_TIMEOUT,
                "request timed out in queue: request rejected pre-queue: request TTL expired"));
    assertThat(late.evidence().outcome()).isEqualTo("RejectedOther");
  }

  private static InferenceRequest endingIn(long nanos) {
    var hints = new RoutingHints("", "", "", SubsetHint.ALL, System.nanoTime() + nanos);
    return request("r", "a", 0, 10, hints);
  }

  @Test
  void anUnknownPriorityGoesThroughBandZeroUntilAnObjectiveHasIt() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().build());
    new Asked(controller, "a", 7, 10);
    awaitWaiting(controller, 1);
    assertThat(controller.figures().bands())
        .singleElement()
        .matches(band -> band.priority() == 0 && band.requests() == 1);

    controller.provision(Set.of(7));
    new Asked(controller, "a", 7, 10);
    awaitWaiting(controller, 2);
    assertThat(controller.figures().bands())
        .first()
        .matches(band -> band.priority() == 7 && band.requests() == 1);
  }

  @Test
  void otherRulesLoseNoneThatWaits() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().bands(3).build());
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(new Asked(controller, "flow-" + i % 3, i % 2 == 0 ? 0 : 3, 10));
    }
    awaitWaiting(controller, 20);
    slots = 100;
    controller.use(rules(new FlowFixture().capacity(1, 1).build()));
    all.forEach(asked -> assertThat(asked.await()).isInstanceOf(Admitted.class));
    awaitWaiting(controller, 0);
  }

  @Test
  void theEndOfTheProgramAnswersAllThatWait() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().build());
    Asked asked = new Asked(controller, "a", 0, 10);
    awaitWaiting(controller, 1);
    controller.close();

    assertThat(asked.refused())
        .isEqualTo(
            new Refused(
                Reason.STOPPING,
                "flow controller shutting down: request evicted from queue: flow controller is"
                    + " not running"));
    slots = 10;
    assertThat(new Asked(controller, "a", 0, 10).refused())
        .isEqualTo(
            new Refused(
                Reason.STOPPING,
                "flow controller shutting down: request rejected pre-queue: flow controller is"
                    + " not running"));
  }

  @Test
  void theFirstEndpointIsNotGivenAllThatWaited() {
    slots = 100_000;
    FlowController controller = controller(new FlowFixture().build());
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      all.add(new Asked(controller, "a", 0, 10));
    }
    awaitWaiting(controller, 500);
    long startedAt = System.nanoTime();
    endpoints(1);
    await().atMost(LONG).until(() -> observer.of(FlowOutcome.DISPATCHED) >= 20);
    double seconds = (System.nanoTime() - startedAt) / 1e9;
    assertThat((double) observer.of(FlowOutcome.DISPATCHED))
        .isLessThanOrEqualTo(2 + (seconds + 0.2) * ReleasePace.PER_SECOND_AND_ENDPOINT);
    endpoints(10);
    all.forEach(asked -> assertThat(asked.await()).isInstanceOf(Admitted.class));
  }
}
