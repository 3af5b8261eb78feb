package ai.llmd.epp.domain.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowQueues.Offer;
import ai.llmd.epp.domain.flow.PlainQueues.Fairness;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.fairness.RoundRobinFairness;
import ai.llmd.epp.domain.flow.limit.PriorityHoldback;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.EdfOrdering;
import ai.llmd.epp.domain.flow.ordering.FcfsOrdering;
import ai.llmd.epp.domain.flow.ordering.SloDeadlineOrdering;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random traffic, beside a plain model that does the same by looking through a list. */
class FlowQueuesPropertiesTest {

  private static final int SEEDS = 4000;
  private static final int STEPS = 120;
  private static final int[] PRIORITIES = {10, 3, 0, -7};

  @Test
  void behavesAsThePlainModel() {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Run(seed).run();
    }
  }

  private static final class Run {

    private final int seed;
    private final Random random;
    private final FlowSettings settings;
    private final FlowQueues queues;
    private final PlainQueues model;
    private final Set<QueuedRequest> waiting = new HashSet<>();
    private final Set<QueuedRequest> answered = new HashSet<>();
    private long now;

    Run(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
      OrderingPolicy ordering =
          List.of(new FcfsOrdering(), new EdfOrdering(), new SloDeadlineOrdering())
              .get(random.nextInt(3));
      Fairness fairness = random.nextBoolean() ? Fairness.STRICT : Fairness.IN_TURN;
      this.settings = settings(ordering, fairness);
      this.queues = new FlowQueues(settings, PluginCalls.timedBy(() -> 0));
      this.model = new PlainQueues(settings, ordering, fairness);
    }

    private FlowSettings settings(OrderingPolicy ordering, Fairness fairness) {
      return new FlowFixture()
          .ordering(ordering)
          .fairness(
              fairness == Fairness.STRICT ? new GlobalStrictFairness() : new RoundRobinFairness())
          .limit(limit())
          .global(random.nextInt(3) * 10L, random.nextInt(3) * 200L)
          .ttl(random.nextInt(3) * 3_000_000_000L, random.nextInt(3) * 2_000_000_000L)
          .capacity(1 + random.nextInt(10), 1 + random.nextInt(300))
          .bands(PRIORITIES)
          .build();
    }

    private UsageLimitPolicy limit() {
      return random.nextBoolean()
          ? new StaticUsageLimit(new StaticUsageLimit.Parameters(0.8))
          : new PriorityHoldback(
              new PriorityHoldback.Parameters(
                  0.3,
                  1,
                  PriorityHoldback.Shape.LINEAR,
                  random.nextBoolean()
                      ? PriorityHoldback.Domain.RANK
                      : PriorityHoldback.Domain.VALUE));
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        now += random.nextInt(4) == 0 ? random.nextInt(2_000_000_000) : random.nextInt(1000);
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> offer();
          case 3, 4 -> dispatch(random.nextDouble() * 1.2);
          case 5 -> cancel();
          case 6 -> pool();
          default -> expire();
        }
        check();
      }
      assertThat(queues.drain()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(waiting);
      assertThat(queues.requests()).isZero();
      assertThat(queues.bytes()).isZero();
      queues.fills(fill -> assertThat(fill.requests() + fill.bytes()).isZero());
      assertThat(queues.nextExpiry()).isEqualTo(QueuedRequest.NEVER);
    }

    private void offer() {
      var request =
          new QueuedRequest(
              "flow-" + random.nextInt(4),
              PRIORITIES[random.nextInt(PRIORITIES.length)],
              random.nextInt(60),
              now,
              random.nextBoolean() ? QueuedRequest.NEVER : now + random.nextInt(1000));
      boolean isExpected = model.offer(request, now);
      assertThat(queues.offer(request, now))
          .as("seed %d", seed)
          .isEqualTo(isExpected ? Offer.QUEUED : Offer.FULL);
      if (isExpected) {
        waiting.add(request);
      }
    }

    private void dispatch(double saturation) {
      Integer highest = queues.highestWaiting();
      @Nullable QueuedRequest expected = model.next(saturation, queues.priorities());
      @Nullable QueuedRequest next = queues.next(saturation, now);
      assertThat(next).as("seed %d", seed).isSameAs(expected);
      if (next != null) {
        assertThat(next.priority()).as("no overtaking, seed %d", seed).isEqualTo(highest);
        answer(next);
      }
    }

    private void answer(QueuedRequest request) {
      assertThat(waiting.remove(request)).as("seed %d", seed).isTrue();
      assertThat(answered.add(request)).as("answered once, seed %d", seed).isTrue();
      assertThat(request.isQueued()).isFalse();
    }

    private void cancel() {
      if (model.size() > 0) {
        QueuedRequest any = model.any(random);
        model.remove(any);
        queues.remove(any);
        queues.remove(any); // harmless
        answer(any);
      }
    }

    private void pool() {
      boolean isEmpty = random.nextBoolean();
      model.observePool(isEmpty, now);
      queues.observePool(isEmpty, now);
    }

    private void expire() {
      Set<QueuedRequest> expired = new HashSet<>();
      for (QueuedRequest one = queues.expired(now); one != null; one = queues.expired(now)) {
        expired.add(one);
        answer(one);
      }
      assertThat(expired)
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(model.expired(now));
    }

    private void check() {
      assertThat(queues.requests()).as("seed %d", seed).isEqualTo(waiting.size());
      assertThat(queues.bytes())
          .as("seed %d", seed)
          .isEqualTo(waiting.stream().mapToLong(QueuedRequest::bytes).sum());
      assertThat(settings.maxRequests()).matches(most -> most == 0 || queues.requests() <= most);
      queues.fills(
          fill -> {
            assertThat(fill.requests()).isLessThanOrEqualTo(fill.maxRequests());
            assertThat(fill.bytes()).isLessThanOrEqualTo(fill.maxBytes());
          });
    }
  }
}
