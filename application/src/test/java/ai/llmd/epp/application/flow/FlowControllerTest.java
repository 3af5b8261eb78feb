package ai.llmd.epp.application.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.Admission.Admitted;
import ai.llmd.epp.application.Admission.Outcome;
import ai.llmd.epp.application.Admission.Queued;
import ai.llmd.epp.application.Admission.Refused;
import ai.llmd.epp.application.Admission.Settled;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.BandLoad;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FlowControllerTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final Counting observer = new Counting();
  private final AtomicInteger running = new AtomicInteger();
  private volatile int slots;
  private final List<FlowController> started = new ArrayList<>();

  /** As full as the share of slots that are taken. */
  private final class Slots implements SaturationDetector {

    @Override
    public double saturation(Candidates candidates, long nowNanos) {
      return candidates.isEmpty() || slots == 0 ? 1 : (double) running.get() / slots;
    }

    @Override
    public double shareOfRequest(int endpoints) {
      return slots == 0 ? 0 : 1.0 / slots;
    }
  }

  private static final class Counting implements FlowObserver {

    final Map<FlowOutcome, AtomicInteger> finished = new ConcurrentHashMap<>();
    final AtomicInteger inside = new AtomicInteger();
    final AtomicInteger cycles = new AtomicInteger();

    @Override
    public void passed(RequestLabels labels, int band) {
      count(FlowOutcome.DISPATCHED);
    }

    @Override
    public Runnable entered(RequestLabels labels, long bytes) {
      inside.incrementAndGet();
      return inside::decrementAndGet;
    }

    @Override
    public void finished(RequestLabels labels, int band, FlowOutcome outcome, long nanos) {
      count(outcome);
    }

    @Override
    public void cycle(long nanos) {
      cycles.incrementAndGet();
    }

    private void count(FlowOutcome outcome) {
      finished.computeIfAbsent(outcome, ignored -> new AtomicInteger()).incrementAndGet();
    }

    int of(FlowOutcome outcome) {
      AtomicInteger count = finished.get(outcome);
      return count == null ? 0 : count.get();
    }
  }

  private FlowController controller(FlowSettings settings) {
    var controller =
        new FlowController(
                rules(settings),
                pool,
                PluginFaults.IGNORED,
                observer,
                ThreadObserver.NONE,
                System::nanoTime)
            .start();
    started.add(controller);
    return controller;
  }

  private FlowRules rules(FlowSettings settings) {
    return new FlowRules(settings, new Named<>("slots", "slots", new Slots()), false, 0);
  }

  @AfterEach
  void stop() {
    started.forEach(FlowController::close);
  }

  private void endpoints(int count) {
    List<Endpoint> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(Endpoint.of(new EndpointId("", "pod-" + i), "10.0.0." + (i + 1), 80, Map.of()));
    }
    pool.keep(all);
  }

  private static InferenceRequest request(String flow, int priority, long bytes) {
    return new InferenceRequest(
        new ReceivedRequest(
            "r",
            RequestHeaders.NONE,
            new ReceivedBody(ApiKind.NONE, "m", false, false, -1, List.of(), "", bytes),
            RoutingHints.NONE),
        "m",
        priority,
        flow);
  }

  /** A request on its way through admission. */
  private final class Asked {

    final Facts facts = new Facts();
    final Admission admission;
    final Outcome outcome;
    final CompletableFuture<Settled> settled = new CompletableFuture<>();
    volatile Thread thread = Thread.currentThread();

    Asked(FlowController controller, String flow, int priority, long bytes) {
      admission = new FlowAdmission(controller);
      outcome =
          admission.admit(request(flow, priority, bytes), facts, pool.current().candidates(), 0);
      if (outcome instanceof Queued queued) {
        thread =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        settled.complete(queued.rest().await());
                      } catch (Throwable thrown) {
                        settled.completeExceptionally(thrown);
                      }
                    });
      } else {
        settled.complete((Settled) outcome);
      }
    }

    boolean passedAtOnce() {
      return outcome instanceof Admitted;
    }

    /** Takes a slot until {@link #end}. */
    Asked routed() {
      running.incrementAndGet();
      admission.decided(facts);
      return this;
    }

    void end(FlowController controller) {
      running.decrementAndGet();
      controller.roomMade();
    }

    Settled await() {
      return settled.orTimeout(30, TimeUnit.SECONDS).join();
    }

    Refused refused() {
      return (Refused) await();
    }

    FlowEvidence evidence() {
      return Objects.requireNonNull(admission.evidence(facts));
    }
  }

  private static void awaitWaiting(FlowController controller, long requests) {
    await().atMost(LONG).until(() -> controller.waiting() == requests);
  }

  @Test
  void passesAtOnceWhileThereIsRoom() {
    endpoints(1);
    slots = 2;
    FlowController controller = controller(new FlowFixture().build());

    Asked first = new Asked(controller, "a", 0, 10);
    assertThat(first.passedAtOnce()).isTrue();
    assertThat(first.evidence()).isEqualTo(new FlowEvidence(0, "a", "Dispatched", false, 0, 0, 1));
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
    assertThat(controller.takeQueuesChanged()).isTrue();
    assertThat(controller.takeQueuesChanged()).isFalse();
    assertThat(controller.queued()).isEqualTo(Map.of(0, new BandLoad(1, 10)));

    controller.queuedElsewhere(1, 0, new BandLoad(1, 10));
    controller.queuedElsewhere(2, 0, new BandLoad(1, 10));
    assertThat(controller.figures().everywhere(controller.figures().bands().getFirst()))
        .isEqualTo(new BandLoad(3, 30));
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

  /** Requests that come, are served, leave and expire on many threads. */
  @Test
  void losesNoneAndNeverExceedsThePool() throws Exception {
    endpoints(2);
    slots = 8;
    FlowController controller =
        controller(
            new FlowFixture().ttl(2_000_000_000L, 0).capacity(300, 1 << 20).bands(5, -5).build());
    AtomicInteger most = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger left = new AtomicInteger();
    List<Thread> clients = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 2000; i++) {
      int seed = i;
      clients.add(
          Thread.ofVirtual()
              .start(() -> ask(controller, new Random(seed), most, served, refused, left)));
    }
    for (Thread client : clients) {
      client.join();
    }
    assertThat(served.get() + refused.get() + left.get()).isEqualTo(2000);
    assertThat(served.get()).isPositive();
    assertThat(most.get()).isLessThanOrEqualTo(8);
    awaitWaiting(controller, 0);
    assertThat(controller.figures().bytes()).isZero();
    assertThat(observer.inside).hasValue(0);
  }

  private void ask(
      FlowController controller,
      Random random,
      AtomicInteger most,
      AtomicInteger served,
      AtomicInteger refused,
      AtomicInteger left) {
    Admission admission = new FlowAdmission(controller);
    Facts facts = new Facts();
    InferenceRequest request =
        request("flow-" + random.nextInt(5), List.of(5, 0, -5).get(random.nextInt(3)), 10);
    Outcome outcome = admission.admit(request, facts, pool.current().candidates(), 0);
    try {
      if (outcome instanceof Queued queued) {
        if (random.nextInt(20) == 0) {
          Thread.currentThread().interrupt();
        }
        outcome = queued.rest().await();
      }
    } catch (InterruptedException e) {
      left.incrementAndGet();
      admission.decided(facts);
      return;
    }
    if (!(outcome instanceof Admitted)) {
      refused.incrementAndGet();
      admission.decided(facts);
      return;
    }
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    admission.decided(facts);
    Thread.onSpinWait();
    served.incrementAndGet();
    running.decrementAndGet();
    controller.roomMade();
  }
}
