package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that are queued before they are routed. */
@Timeout(30)
class QueuedRoutingTest {

  private final RoutingFixture fixture = new RoutingFixture().withPods(2);
  private final AtomicInteger decided = new AtomicInteger();

  /** A place that is over as soon as it is taken. */
  private static final QueuePlace PLACE =
      new QueuePlace() {
        @Override
        public void take(Runnable whenOver) {
          whenOver.run();
        }

        @Override
        public void giveUp() {}
      };

  private Routing routing(Wait<Admission.Settled> rest) {
    fixture.admission =
        new Admission() {
          @Override
          public Outcome admit(
              InferenceRequest request,
              Facts facts,
              Candidates candidates,
              Budget budget,
              long nowNanos) {
            return new Queued(PLACE, rest);
          }

          @Override
          public void decided(Facts facts) {
            decided.incrementAndGet();
          }
        };
    return fixture.service().route(request());
  }

  @Test
  void goesOnBehindTheQueueWithThePoolAsItIsThen() throws Exception {
    Routing routing = routing(() -> Admission.Admitted.INSTANCE);
    assertThat(routing).isInstanceOf(Routing.Queued.class);
    fixture.withPods(3);

    RoutingDecision decision = routing.await();

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(decision.evidence().candidates()).isEqualTo(3);
    assertThat(decided).hasValue(1);
    assertThat(fixture.waiting.count()).isZero();
  }

  @Test
  void countsAsWaitingBehindTheQueueAndNotInIt() throws Exception {
    fixture.anyProducer(
        "slow",
        cycle ->
            new Produced.Later(
                () -> {
                  assertThat(fixture.waiting.count()).isEqualTo(1);
                  return new Facts();
                },
                Duration.ofHours(1)));
    Routing routing =
        routing(
            () -> {
              assertThat(fixture.waiting.count()).as("it has left the queue").isEqualTo(1);
              return Admission.Admitted.INSTANCE;
            });
    assertThat(fixture.waiting.count()).isZero();

    assertThat(routing.await().evidence().steps())
        .singleElement()
        .matches(step -> step.degraded().isEmpty());
    assertThat(fixture.waiting.count()).isZero();
  }

  @Test
  void mayBeQueuedBehindAWait() throws Exception {
    fixture.requestProducer(
        "tokens", (request, facts) -> new Produced.Later(Facts::new, Duration.ofHours(1)));
    Routing waiting = routing(() -> Admission.Admitted.INSTANCE);
    assertThat(waiting).isInstanceOf(Routing.Waiting.class);

    Routing queued = ((Routing.Waiting) waiting).rest().await();

    assertThat(queued).isInstanceOf(Routing.Queued.class);
    assertThat(fixture.waiting.count()).isZero();
    assertThat(decided).hasValue(0);
    assertThat(queued.await()).isInstanceOf(Route.class);
    assertThat(decided).hasValue(1);
  }

  @Test
  void isRefusedAsTheQueueHasIt() throws Exception {
    var reject =
        (Reject) routing(() -> new Admission.Refused(Reason.QUEUE_FULL, "full", 3)).await();

    assertThat(reject.reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(reject.retryAfterSeconds()).isEqualTo(3);
    assertThat(decided).hasValue(1);
  }

  @Test
  void isLetInByAQueueThatFails() throws Exception {
    RoutingDecision decision =
        routing(
                () -> {
                  throw new IllegalStateException();
                })
            .await();

    assertThat(decision).isInstanceOf(Route.class);
    assertThat(fixture.faults).containsExactly("SaturationDetector saturation-detector");
    assertThat(decided).hasValue(1);
  }

  @Test
  void holdsNothingWhenItsPlaceWasGivenUp() {
    Routing routing =
        routing(
            () -> {
              throw new InterruptedException();
            });

    assertThatThrownBy(routing::await).isInstanceOf(InterruptedException.class);
    assertThat(decided).hasValue(1);
    assertThat(fixture.waiting.count()).isZero();
  }
}
