package ai.llmd.epp.domain.flow;

import static ai.llmd.epp.domain.flow.FlowFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowQueues.Offer;
import ai.llmd.epp.domain.flow.fairness.RoundRobinFairness;
import ai.llmd.epp.domain.flow.limit.PriorityHoldback;
import ai.llmd.epp.domain.flow.ordering.EdfOrdering;
import ai.llmd.epp.domain.flow.ordering.SloDeadlineOrdering;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlowQueuesTest {

  private static final long SECOND = 1_000_000_000L;

  private final List<String> faults = new ArrayList<>();

  private FlowQueues queues(FlowFixture fixture) {
    return new FlowQueues(
        fixture.build(),
        new PluginCalls((point, name, type, cause) -> faults.add(point + " " + name), () -> 0));
  }

  private static String order(FlowQueues queues) {
    StringBuilder flows = new StringBuilder();
    for (QueuedRequest next = queues.next(0, 0); next != null; next = queues.next(0, 0)) {
      flows.append(next.fairnessId());
    }
    return flows.toString();
  }

  private static void offer(FlowQueues queues, String flows) {
    for (int i = 0; i < flows.length(); i++) {
      assertThat(queues.offer(request(flows.substring(i, i + 1), 0, 1), i)).isEqualTo(Offer.QUEUED);
    }
  }

  @Test
  void theEarliestIsFirstWhateverItsFlow() {
    FlowQueues queues = queues(new FlowFixture());
    offer(queues, "aabca");

    assertThat(order(queues)).isEqualTo("aabca");
  }

  @Test
  void flowsTakeTurnsInTheOrderOfTheirIds() {
    FlowQueues queues = queues(new FlowFixture().fairness(new RoundRobinFairness()));
    offer(queues, "cccaabccc");

    assertThat(order(queues)).isEqualTo("abcaccccc");
  }

  @Test
  void aFlowThatComesIsServedWhenItsTurnComes() {
    FlowQueues queues = queues(new FlowFixture().fairness(new RoundRobinFairness()));
    offer(queues, "aabb");
    queues.next(0, 0);
    queues.offer(request("aa", 0, 1), 9);

    assertThat(order(queues)).isEqualTo("aabab");
  }

  @Test
  void theEarliestDeadlineIsFirst() {
    FlowQueues queues = queues(new FlowFixture().ordering(new EdfOrdering()).ttl(100, 0));
    queues.offer(request("a", 0, 1), 0);
    queues.offer(request("b", 0, 1), 10, 50);
    queues.offer(request("c", 0, 1), 20, 40);

    assertThat(order(queues)).isEqualTo("cba");
  }

  @Test
  void theOneThatExpectsItsFirstTokenSoonestIsFirst() {
    FlowQueues queues = queues(new FlowFixture().ordering(new SloDeadlineOrdering()));
    queues.offer(new QueuedRequest("a", 0, 1, 5, QueuedRequest.NEVER), 9);
    queues.offer(new QueuedRequest("b", 0, 1, 4, QueuedRequest.NEVER), 9);
    queues.offer(new QueuedRequest("c", 0, 1, 6, 700), 9);
    queues.offer(new QueuedRequest("d", 0, 1, 7, 600), 9);

    assertThat(order(queues)).isEqualTo("dcba");
  }

  @Test
  void objectivesAreReadFromHeaders() {
    assertThat(due("250")).isEqualTo(1 + 250_000_000L);
    assertThat(due(" 7 ")).isEqualTo(1 + 7_000_000L);
    assertThat(due("0")).isEqualTo(1);
    for (String unusable :
        List.of("", "-1", "1.5", "1e3", "9223372036854775807", "soon", "\u0663")) {
      assertThat(due(unusable)).as(unusable).isEqualTo(QueuedRequest.NEVER);
    }
    assertThat(SloDeadlineOrdering.firstTokenDue(name -> null, 1)).isEqualTo(QueuedRequest.NEVER);
    assertThat(
            SloDeadlineOrdering.firstTokenDue(name -> name.equals("x-slo-ttft-ms") ? "3" : null, 1))
        .isEqualTo(3_000_001);
  }

  private static long due(String value) {
    return SloDeadlineOrdering.firstTokenDue(
        name -> name.equals("x-llm-d-slo-ttft-ms") ? value : null, 1);
  }

  @Test
  void higherBandsAreFirst() {
    FlowQueues queues = queues(new FlowFixture().bands(10, -5));
    queues.offer(request("low", -5, 1), 0);
    queues.offer(request("zero", 0, 1), 0);
    queues.offer(request("high", 10, 1), 0);

    assertThat(queues.highestWaiting()).isEqualTo(10);
    assertThat(order(queues)).isEqualTo("highzerolow");
    assertThat(queues.highestWaiting()).isNull();
  }

  @Test
  void anEmptyBandAtItsCeilingStopsTheLowerOnes() {
    FlowQueues queues =
        queues(
            new FlowFixture()
                .bands(10)
                .limit((saturation, priorities, ceilings) -> ceilings[0] = 0.2));
    queues.offer(request("a", 0, 1), 0);

    assertThat(queues.next(0.2, 0)).isNull();
    assertThat(queues.ceiling(10)).isEqualTo(0.2);
    assertThat(queues.next(0.1, 0)).isNotNull();
  }

  @Test
  void lowerBandsWaitAtALowerCeiling() {
    var holdback =
        new PriorityHoldback(
            new PriorityHoldback.Parameters(
                0.5, 1, PriorityHoldback.Shape.LINEAR, PriorityHoldback.Domain.RANK));
    FlowQueues queues = queues(new FlowFixture().bands(10).limit(holdback));
    queues.offer(request("a", 0, 1), 0);

    assertThat(queues.next(0.5, 0)).isNull();
    queues.offer(request("b", 10, 1), 0);
    assertThat(queues.next(0.5, 0)).isNotNull().returns("b", QueuedRequest::fairnessId);
    assertThat(queues.next(0.49, 0)).isNotNull();
  }

  @Test
  void limitsAreKept() {
    FlowQueues queues = queues(new FlowFixture().capacity(2, 100).global(3, 150).bands(5, 0));

    assertThat(queues.offer(request("a", 0, 101), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 0, 60), 0)).isEqualTo(Offer.QUEUED);
    assertThat(queues.offer(request("a", 0, 41), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 5, 91), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 0, 40), 0)).isEqualTo(Offer.QUEUED);
    assertThat(queues.offer(request("a", 0, 0), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 5, 50), 0)).isEqualTo(Offer.QUEUED);
    assertThat(queues.offer(request("a", 5, 0), 0)).isEqualTo(Offer.FULL);
  }

  @Test
  void whatOtherReplicasHaveQueuedCountsForAllLimits() {
    FlowQueues queues = queues(new FlowFixture().capacity(5, 100).global(7, 150).bands(5, 0));
    queues.queuedElsewhere(Map.of(5, new QueueLoad(4, 60), 99, new QueueLoad(1, 30)), 0);

    assertThat(queues.offer(request("a", 5, 41), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 5, 40), 0)).isEqualTo(Offer.QUEUED);
    assertThat(queues.offer(request("a", 5, 0), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 0, 21), 0)).isEqualTo(Offer.FULL);
    assertThat(queues.offer(request("a", 0, 20), 0)).isEqualTo(Offer.QUEUED);
    assertThat(queues.offer(request("a", 0, 0), 0)).isEqualTo(Offer.FULL);
    queues.queuedElsewhere(Map.of(), 0);
    assertThat(queues.offer(request("a", 0, 0), 0)).isEqualTo(Offer.QUEUED);
    assertThat(queues.requests()).isEqualTo(3);
  }

  @Test
  void requestsExpireWhenTheyHaveWaitedLongEnough() {
    FlowQueues queues = queues(new FlowFixture().ttl(10 * SECOND, 4 * SECOND));
    QueuedRequest first = request("a", 0, 1);
    queues.offer(first, SECOND);
    queues.offer(request("b", 0, 1), 2 * SECOND);

    assertThat(queues.nextExpiry()).isEqualTo(11 * SECOND);
    assertThat(queues.expired(11 * SECOND - 1)).isNull();
    assertThat(queues.expired(11 * SECOND)).isSameAs(first);
    assertThat(queues.expiryOutcome(first, 11 * SECOND)).isEqualTo(FlowOutcome.EVICTED_TTL);
    assertThat(queues.expired(11 * SECOND)).isNull();
    assertThat(queues.requests()).isEqualTo(1);
  }

  @Test
  void anEmptyPoolStartsAnotherTime() {
    FlowQueues queues = queues(new FlowFixture().ttl(10 * SECOND, 4 * SECOND));
    QueuedRequest request = request("a", 0, 1);
    queues.offer(request, 0);
    queues.observePool(true, 5 * SECOND);
    assertThat(queues.nextExpiry()).isEqualTo(9 * SECOND);

    queues.observePool(false, 8 * SECOND);
    assertThat(queues.nextExpiry()).isEqualTo(12 * SECOND); // the backstop: 10 + 2 after arrival
    queues.observePool(true, 9 * SECOND);
    queues.observePool(true, 10 * SECOND);
    assertThat(queues.nextExpiry()).isEqualTo(12 * SECOND);
    assertThat(queues.expired(12 * SECOND)).isSameAs(request);
    assertThat(queues.expiryOutcome(request, 12 * SECOND)).isEqualTo(FlowOutcome.EVICTED_TTL);
    assertThat(queues.expiryOutcome(request, 13 * SECOND))
        .isEqualTo(FlowOutcome.EVICTED_NO_ENDPOINTS);
  }

  @Test
  void withoutATimeToLiveARequestWaitsForEver() {
    FlowQueues queues = queues(new FlowFixture().ttl(0, 4 * SECOND));
    queues.offer(request("a", 0, 1), 0);
    assertThat(queues.nextExpiry()).isEqualTo(QueuedRequest.NEVER);
    queues.observePool(true, 100 * SECOND);
    assertThat(queues.nextExpiry()).isEqualTo(104 * SECOND);
    queues.offer(request("b", 0, 1), 100 * SECOND, 101 * SECOND);
    queues.observePool(false, 100 * SECOND);
    assertThat(queues.nextExpiry()).isEqualTo(101 * SECOND);
  }

  @Test
  void tellsWhenThereMayBeRoom() {
    FlowQueues queues = queues(new FlowFixture().capacity(2, 1000).bands(0, 5));
    offer(queues, "ab");
    assertThat(queues.retryAfterSeconds(0, 1, 0)).as("nothing measured").isZero();
    queues.next(0, 0);
    queues.offer(request("c", 0, 1), 0);
    assertThat(queues.retryAfterSeconds(0, 1, 0)).as("soon").isEqualTo(1);
    assertThat(queues.retryAfterSeconds(0, 1, SECOND)).isEqualTo(3); // e seconds
    assertThat(queues.retryAfterSeconds(0, 1, 10 * SECOND)).isEqualTo(30);
    queues.queuedElsewhere(Map.of(0, new QueueLoad(1, 1, 0.5)), 10 * SECOND);
    assertThat(queues.retryAfterSeconds(0, 1, 10 * SECOND)).as("two elsewhere").isEqualTo(2);
    assertThat(queues.retryAfterSeconds(0, 1, 11 * SECOND)).isEqualTo(6); // 2 e
    queues.queuedElsewhere(Map.of(), 11 * SECOND);
    assertThat(queues.retryAfterSeconds(0, 1, 1000 * SECOND)).isZero();
    assertThat(queues.retryAfterSeconds(5, 1, SECOND)).as("has room").isZero();
  }

  @Test
  void bandsOfObjectivesComeAndGo() {
    FlowQueues queues = queues(new FlowFixture());
    assertThat(queues.bandOf(7)).isZero();
    queues.provision(Set.of(7, -3));
    assertThat(queues.priorities()).containsExactly(7, 0, -3);
    QueuedRequest request = request("a", 7, 1);
    queues.offer(request, 0);
    queues.provision(Set.of());
    assertThat(queues.priorities()).as("a request waits in it").containsExactly(7, 0);
    queues.remove(request);
    assertThat(queues.priorities()).containsExactly(0);
  }

  @Test
  void otherSettingsKeepWhatWaits() {
    FlowQueues queues = queues(new FlowFixture().bands(7).ttl(10 * SECOND, SECOND));
    queues.offer(request("a", 7, 1), 0);
    offer(queues, "bbc");
    queues.use(
        new FlowFixture().fairness(new RoundRobinFairness()).capacity(1, 1).bands(3).build());

    assertThat(queues.priorities()).containsExactly(7, 3, 0);
    assertThat(queues.requests()).isEqualTo(4);
    assertThat(queues.nextExpiry()).isEqualTo(10 * SECOND);
    assertThat(queues.offer(request("d", 0, 1), 0)).isEqualTo(Offer.FULL);
    assertThat(order(queues)).isEqualTo("abcb");
    assertThat(queues.priorities()).containsExactly(3, 0);
  }

  @Test
  void aPolicyThatFailsHoldsUpItsOwnBandOnly() {
    FlowSelector broken = new BrokenSelector();
    FlowQueues queues =
        queues(
            new FlowFixture()
                .fairness(ordering -> broken)
                .bands(5)
                .fairness(new RoundRobinFairness())
                .bands(0));
    queues.offer(request("a", 5, 1), 0);
    queues.offer(request("b", 0, 1), 0);

    assertThat(order(queues)).isEqualTo("b");
    assertThat(faults).contains("Fairness fairness");
    assertThat(queues.drain()).hasSize(1);
    assertThat(queues.bytes()).isZero();
  }

  @Test
  void aUsageLimitThatFailsLimitsNothing() {
    FlowQueues queues =
        queues(
            new FlowFixture()
                .limit(
                    (saturation, priorities, ceilings) -> {
                      ceilings[0] = 0;
                      throw new IllegalStateException();
                    }));
    offer(queues, "a");
    assertThat(order(queues)).isEqualTo("a");
    assertThat(faults).contains("UsageLimit limit");
  }

  private static final class BrokenSelector implements FlowSelector {

    @Override
    public void opened(FlowQueue flow) {}

    @Override
    public void headChanged(FlowQueue flow) {}

    @Override
    public void closed(FlowQueue flow) {}

    @Override
    public @Nullable FlowQueue pick(long now) {
      throw new IllegalStateException();
    }
  }
}
