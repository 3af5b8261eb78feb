package ai.llmd.epp.domain.flow.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.routing.Evicted;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReclaimerTest {

  private static final long GRACE = 100;

  private final List<String> events = new ArrayList<>();
  private final FlowQueues queues =
      new FlowQueues(new FlowFixture().bands(10, 0, -1, -5).build(), PluginCalls.timedBy(() -> 0));
  private final Reclaimer reclaimer =
      new Reclaimer(
          GRACE,
          new Reclaimer.Observer() {
            @Override
            public void issued(RunningRequest victim, int forPriority) {
              events.add(victim.requestId() + " for " + forPriority);
            }

            @Override
            public void confirmed(long nanos) {
              events.add("confirmed after " + nanos);
            }

            @Override
            public void timedOut() {
              events.add("timed out");
            }
          });

  private RunningRequest run(String id, int priority, long at) {
    var request = new RunningRequest(id, priority, at, new Evicted(), () -> {});
    reclaimer.dispatched(request);
    return request;
  }

  private List<String> reclaim(double saturation, long now) {
    queues.next(saturation, now);
    return reclaimer.reclaim(queues, saturation, now).stream()
        .map(RunningRequest::requestId)
        .toList();
  }

  private void wait(int priority) {
    queues.offer(FlowFixture.request("a", priority, 1), 0);
  }

  @Test
  void evictsTheLowestAndOfThoseTheLatest() {
    run("normal", 0, 1);
    run("low", -1, 1);
    run("early", -5, 1);
    run("late", -5, 2);
    wait(0);

    assertThat(reclaim(1.4, 3)).containsExactly("late", "early");
    assertThat(events).containsExactly("late for 0", "early for 0");
    assertThat(reclaimer.target()).isCloseTo(0.4, within(1e-9));
    assertThat(reclaimer.pending()).isCloseTo(0.7, within(1e-9));
  }

  @Test
  void evictsNothingWhileThereIsRoomOrNoneWaits() {
    run("low", -1, 1);
    assertThat(reclaim(1, 2)).isEmpty();
    wait(10);
    assertThat(reclaim(0.9, 2)).isEmpty(); // it has its turn
    assertThat(reclaim(1, 2)).isEmpty();
  }

  @Test
  void neverEvictsForItsOwnPriorityOrALowerOne() {
    run("low", -1, 1);
    wait(-1);
    wait(-5);
    assertThat(reclaim(2, 2)).isEmpty();
    wait(0);
    assertThat(reclaim(2, 2)).containsExactly("low");
  }

  @Test
  void waitsUntilAnEvictionShows() {
    RunningRequest first = run("first", -1, 2);
    run("second", -1, 1);
    wait(0);
    assertThat(reclaim(1, 10)).containsExactly("first");
    assertThat(reclaim(1, 11)).isEmpty();
    reclaimer.ended(first, 15);
    assertThat(reclaim(1, 15 + GRACE - 1)).isEmpty();
    assertThat(reclaim(1, 15 + GRACE)).containsExactly("second");
    assertThat(events).containsExactly("first for 0", "confirmed after 5", "second for 0");
  }

  @Test
  void anotherDetectorMayShowItLater() {
    RunningRequest first = run("first", -1, 2);
    run("second", -1, 1);
    wait(0);
    assertThat(reclaim(1, 10)).containsExactly("first");
    reclaimer.useGrace(3 * GRACE);
    reclaimer.ended(first, 15);
    assertThat(reclaim(1, 15 + 3 * GRACE - 1)).isEmpty();
    assertThat(reclaim(1, 15 + 3 * GRACE)).containsExactly("second");
  }

  @Test
  void anEvictionThatIsNotConfirmedTimesOut() {
    run("first", -1, 2);
    run("second", -1, 1);
    wait(0);
    reclaim(1, 0);
    assertThat(reclaim(1, Reclaimer.CONFIRMATION_NANOS - 1)).isEmpty();
    assertThat(reclaim(1, Reclaimer.CONFIRMATION_NANOS)).isEmpty();
    assertThat(reclaim(1, Reclaimer.CONFIRMATION_NANOS + GRACE)).containsExactly("second");
    assertThat(events).contains("timed out");
  }

  @Test
  void aRequestIdThatIsUsedAgainIsTheLaterRequest() {
    RunningRequest before = run("same", -1, 1);
    RunningRequest after = run("same", -5, 2);
    reclaimer.ended(before, 3);
    assertThat(reclaimer.running()).isEqualTo(1);
    wait(0);
    assertThat(reclaimer.reclaim(blocked(), 1, 3)).containsExactly(after);
    reclaimer.ended(after, 4);
    assertThat(reclaimer.running()).isZero();
  }

  private FlowQueues blocked() {
    queues.next(1, 3);
    return queues;
  }

  @Test
  void evictsOnlyDownwardsAndNotTooMany() {
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      events.clear();
      FlowQueues waiting =
          new FlowQueues(
              new FlowFixture().bands(10, 0, -1, -5).build(), PluginCalls.timedBy(() -> 0));
      var some = new Reclaimer(GRACE, Quiet.INSTANCE);
      List<RunningRequest> running = new ArrayList<>();
      long now = 0;
      int outstanding = 0;
      for (int step = 0; step < 60; step++) {
        now += random.nextInt(80);
        int priority = waiting.priorities()[random.nextInt(4)];
        switch (random.nextInt(4)) {
          case 0 -> waiting.offer(FlowFixture.request("a", priority, 1), now);
          case 1 -> {
            var one = new RunningRequest(seed + "-" + step, priority, now, new Evicted(), () -> {});
            some.dispatched(one);
            running.add(one);
          }
          case 2 -> {
            if (!running.isEmpty()) {
              some.ended(running.remove(random.nextInt(running.size())), now);
            }
          }
          default -> {
            double saturation = random.nextDouble() * 2;
            waiting.next(saturation, now);
            Integer highest = waiting.highestWaiting();
            List<RunningRequest> victims = some.reclaim(waiting, saturation, now);
            assertThat(victims).hasSizeLessThanOrEqualTo(Reclaimer.MAX_REVOCATIONS);
            for (RunningRequest victim : victims) {
              assertThat(victim.priority()).isNegative().isLessThan(highest);
              assertThat(running).contains(victim);
              assertThat(saturation).isGreaterThanOrEqualTo(1);
              outstanding++;
            }
          }
        }
      }
      for (RunningRequest one : running) {
        some.ended(one, now);
      }
      some.reclaim(waiting, 0, now + 2 * Reclaimer.CONFIRMATION_NANOS);
      assertThat(some.pending()).as("seed %d, %d evicted", seed, outstanding).isZero();
      assertThat(some.running()).isZero();
    }
  }

  private enum Quiet implements Reclaimer.Observer {
    INSTANCE;

    @Override
    public void issued(RunningRequest victim, int forPriority) {}

    @Override
    public void confirmed(long nanos) {}

    @Override
    public void timedOut() {}
  }
}
