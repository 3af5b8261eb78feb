package ai.llmd.epp.application.flow;

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
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
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
import ai.llmd.epp.domain.saturation.SaturationDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A pool whose requests take slots, and requests on their way through its flow control. */
@Timeout(60)
abstract class FlowControllerFixture {

  static final Duration LONG = Duration.ofSeconds(30);

  final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  final Counting observer = new Counting();
  final AtomicInteger running = new AtomicInteger();
  volatile int slots;
  final List<FlowController> started = new ArrayList<>();

  /** As full as the share of slots that are taken. */
  final class Slots implements SaturationDetector {

    @Override
    public double saturation(Candidates candidates, long nowNanos) {
      return candidates.isEmpty() || slots == 0 ? 1 : (double) running.get() / slots;
    }

    @Override
    public double shareOfRequest(int endpoints) {
      return slots == 0 ? 0 : 1.0 / slots;
    }
  }

  static final class Counting implements FlowObserver {

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

  FlowController controller(FlowSettings settings) {
    var controller =
        new FlowController(
                rules(settings),
                pool,
                PluginCalls.timedBy(System::nanoTime),
                observer,
                ThreadObserver.NONE,
                System::nanoTime)
            .start();
    started.add(controller);
    return controller;
  }

  FlowRules rules(FlowSettings settings) {
    return new FlowRules(settings, new Named<>("slots", "slots", new Slots()), false, 0);
  }

  @AfterEach
  void stop() {
    started.forEach(FlowController::close);
  }

  void endpoints(int count) {
    List<Endpoint> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(Endpoint.of(new EndpointId("", "pod-" + i), "10.0.0." + (i + 1), 80, Map.of()));
    }
    pool.keep(all);
  }

  static InferenceRequest request(String flow, int priority, long bytes) {
    return request("r", flow, priority, bytes, RoutingHints.NONE);
  }

  static InferenceRequest request(
      String id, String flow, int priority, long bytes, RoutingHints hints) {
    return new InferenceRequest(
        new ReceivedRequest(
            id,
            RequestHeaders.NONE,
            new ReceivedBody(ApiKind.NONE, "m", false, false, -1, List.of(), "", bytes),
            hints),
        "m",
        priority,
        flow);
  }

  /** Of a request that comes now. */
  static Budget budget(InferenceRequest request) {
    long now = System.nanoTime();
    return new Budget(
        now, now + LONG.toNanos(), request.received(), WaitingRules.DEFAULT, System::nanoTime);
  }

  /** A request on its way through admission. */
  final class Asked {

    final Facts facts = new Facts();
    final Admission admission;
    final Outcome outcome;
    final CompletableFuture<Settled> settled = new CompletableFuture<>();
    volatile Thread thread = Thread.currentThread();

    Asked(FlowController controller, String flow, int priority, long bytes) {
      this(controller, request(flow, priority, bytes));
    }

    Asked(FlowController controller, InferenceRequest asked) {
      admission = new FlowAdmission(controller);
      outcome = admission.admit(asked, facts, pool.current().candidates(), budget(asked), 0);
      if (outcome instanceof Queued queued) {
        thread =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        queued.place().await();
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

  static void awaitWaiting(FlowController controller, long requests) {
    await().atMost(LONG).until(() -> controller.waiting() == requests);
  }
}
