package ai.llmd.epp.application.flow;

import static ai.llmd.epp.domain.flow.FlowFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.eviction.Reclaimer;
import ai.llmd.epp.domain.flow.eviction.RunningRequest;
import ai.llmd.epp.domain.routing.Evicted;
import org.junit.jupiter.api.Test;

/** Who was evicted for whom. */
class EvictionsTest {

  private final Evictions evictions = new Evictions(0, FlowObserver.NONE);
  private final FlowQueues queues =
      new FlowQueues(new FlowFixture().bands(10, 5, -1).build(), PluginCalls.timedBy(() -> 0));

  private Evicted run(String id) {
    Evicted evicted = new Evicted();
    evictions.dispatched(new RunningRequest(id, -1, 0, evicted, () -> {}));
    return evicted;
  }

  private void evictFor(int priority) {
    queues.offer(request("a", priority, 1), 0);
    queues.next(1, 0);
    evictions.reclaim(queues, 1, 0);
  }

  @Test
  void theNextOfTheBandHasItsRoom() {
    Evicted victim = run("victim");
    assertThat(victim.forWhom()).isNull();

    evictFor(5);
    assertThat(victim.forWhom()).isEqualTo(new Evicted.For(5, ""));

    assertThat(evictions.roomTaken(0, "lower", 1)).isNull();
    assertThat(evictions.roomTaken(5, "next", 1)).isEqualTo("victim");
    assertThat(victim.forWhom()).isEqualTo(new Evicted.For(5, "next"));
    assertThat(evictions.roomTaken(5, "after", 1)).isNull();
  }

  @Test
  void aHigherBandMayTakeTheRoom() {
    Evicted victim = run("victim");
    evictFor(5);
    assertThat(evictions.roomTaken(10, "higher", 1)).isEqualTo("victim");
    assertThat(victim.forWhom()).isEqualTo(new Evicted.For(5, "higher"));
  }

  @Test
  void roomThatNoneTakesIsForgotten() {
    run("victim");
    evictFor(5);
    assertThat(evictions.roomTaken(5, "late", Reclaimer.CONFIRMATION_NANOS + 1)).isNull();
  }
}
