package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static ai.llmd.epp.application.RoutingFixture.withHeaders;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.application.waiting.Breaking;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A step that keeps spending its budget is not waited for by every request. */
@Timeout(30)
class BreakerRoutingTest {

  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final RoutingFixture fixture = new RoutingFixture().withPods(2);
  private boolean isDead = true;

  private Facts facts() throws InterruptedException {
    if (isDead) {
      new CountDownLatch(1).await();
    }
    return new Facts();
  }

  private static WaitingRules rules(Duration messageTimeout, Map<String, Duration> budgets) {
    return new WaitingRules(
        budgets, new Breaking(3, PAUSE), messageTimeout, WaitingRules.KNOWN_DEADLINES);
  }

  private void slowProducer(Duration budget) {
    fixture.anyProducer("slow", cycle -> new Produced.Later(this::facts, budget));
  }

  private RoutingDecision routed() throws InterruptedException {
    return fixture.service().route(request()).await();
  }

  private static String degraded(RoutingDecision decision) {
    return String.join(
        "; ", decision.evidence().steps().stream().map(Evidence.Step::degraded).toList());
  }

  private void spendThreeBudgets() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      assertThat(degraded(routed())).startsWith("spent its budget");
    }
  }

  @Test
  void aStepThatSpentItsBudgetThreeTimesInARowIsSkippedAtOnce() throws Exception {
    fixture.rules = rules(Duration.ZERO, Map.of());
    slowProducer(SHORT);
    spendThreeBudgets();

    Routing fourth = fixture.service().route(request());

    assertThat(fourth).isInstanceOf(Routing.Decided.class);
    assertThat(fourth.await()).isInstanceOf(Route.class);
    assertThat(degraded(fourth.await()))
        .isEqualTo("was not awaited, spent its budget 3 times in a row");
    assertThat(fixture.breakers.status())
        .containsExactly(new Breakers.Status("DataProducer", "slow", "test-producer", true, 1));
    assertThat(fixture.faults).as("skipping is no fault").hasSize(3);
  }

  @Test
  void oneRequestWaitsAfterThePauseToSee() throws Exception {
    fixture.rules = rules(Duration.ZERO, Map.of());
    slowProducer(SHORT);
    spendThreeBudgets();
    fixture.nanos.addAndGet(PAUSE.toNanos());

    assertThat(degraded(routed())).startsWith("spent its budget");
    assertThat(degraded(routed())).startsWith("was not awaited");
  }

  @Test
  void allWaitAgainWhenItAnswered() throws Exception {
    fixture.rules = rules(Duration.ZERO, Map.of());
    slowProducer(SHORT);
    spendThreeBudgets();
    isDead = false;
    fixture.nanos.addAndGet(PAUSE.toNanos());
    fixture.rules = rules(Duration.ZERO, Map.of("slow", Duration.ofSeconds(20)));

    assertThat(degraded(routed())).isEmpty();
    assertThat(degraded(routed())).isEmpty();
  }

  @Test
  void anAdmissionThatIsSkippedLetsRequestsIn() throws Exception {
    fixture.rules = rules(Duration.ZERO, Map.of());
    fixture.admission =
        (request, given, candidates, budget, now) ->
            new Admission.Later(
                () -> {
                  facts();
                  return Admission.Admitted.INSTANCE;
                },
                SHORT);
    spendThreeBudgets();

    Routing fourth = fixture.service().route(request());

    assertThat(fourth).isInstanceOf(Routing.Decided.class);
    assertThat(fourth.await()).isInstanceOf(Route.class);
  }

  @Test
  void theConfigurationsBudgetCountsInsteadOfThePlugins() throws Exception {
    fixture.rules = rules(Duration.ZERO, Map.of("slow", SHORT));
    slowProducer(Duration.ofHours(1));

    assertThat(degraded(routed())).isEqualTo("spent its budget of 5 ms");
  }

  @Test
  void theGatewaysTimeoutBoundsAllWaitsTogether() throws Exception {
    fixture.rules = rules(Duration.ofMillis(20), Map.of());
    slowProducer(Duration.ofHours(1));

    assertThat(degraded(routed())).matches("spent its budget of 1[78] ms");
  }

  @Test
  void theClientsOwnDeadlineBoundsThemToo() throws Exception {
    slowProducer(Duration.ofHours(1));

    Routing routing = fixture.service().route(withHeaders(Map.of("grpc-timeout", "20m")));

    assertThat(degraded(routing.await())).matches("spent its budget of (19|20) ms");
  }

  @Test
  void aRequestThatHadNoTimeLeftShowsNothingAboutTheStep() throws Exception {
    fixture.rules = rules(Duration.ofMillis(5), Map.of());
    slowProducer(Duration.ofHours(1));

    for (int i = 0; i < 5; i++) {
      assertThat(degraded(routed())).startsWith("spent its budget");
    }
  }
}
