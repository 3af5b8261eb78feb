package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.adapters;
import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class LoadScorersTest {

  private static final LoadAwareScorer LOAD_AWARE =
      new LoadAwareScorer(LoadAwareScorer.TYPE.defaults());

  @Test
  void queueScorerPrefersTheShorterQueue() {
    SchedulingCycle cycle = queues(3, 0, 9, 12);
    assertThat(inOrder(cycle, new QueueScorer().score(cycle))).containsExactly(0.75, 1, 0.25, 0);
  }

  @Test
  void equalQueuesAllScoreOne() {
    SchedulingCycle cycle = queues(6, 6);
    assertThat(inOrder(cycle, new QueueScorer().score(cycle))).containsExactly(1, 1);
  }

  @Test
  void runningRequestsScorerPrefersFewerRunningRequests() {
    SchedulingCycle cycle =
        new CycleFixture().endpoint(load(0, 8, 0)).endpoint(load(9, 2, 0)).build();
    assertThat(inOrder(cycle, new RunningRequestsSizeScorer().score(cycle))).containsExactly(0, 1);
  }

  @Test
  void kvCacheScorerGivesTheFreeShare() {
    SchedulingCycle cycle =
        new CycleFixture().endpoint(load(0, 0, 0.25)).endpoint(load(0, 0, 1.2)).build();
    assertThat(inOrder(cycle, new KvCacheUtilizationScorer().score(cycle)))
        .containsExactly(new double[] {0.75, -0.2}, within(1e-12));
  }

  @Test
  void kvCacheScorerLeavesAnEndpointThatReportsNoNumberUnscored() {
    SchedulingCycle cycle = new CycleFixture().endpoint(load(0, 0, Double.NaN)).build();
    assertThat(new KvCacheUtilizationScorer().score(cycle).isScored(0)).isFalse();
  }

  @Test
  void loadAwareScorerFallsLinearlyToTheThreshold() {
    SchedulingCycle cycle = queues(0, 1, 64, 128, 500);
    assertThat(inOrder(cycle, LOAD_AWARE.score(cycle)))
        .containsExactly(0.5, 0.49609375, 0.25, 0, 0);
  }

  @Test
  void loraScorerPrefersALoadedAdapterThenRoomThenAWaitingOne() {
    SchedulingCycle cycle =
        new CycleFixture()
            .model("m")
            .endpoint(adapters(Set.of("m"), Set.of(), 1))
            .endpoint(adapters(Set.of("x"), Set.of("m"), 3))
            .endpoint(adapters(Set.of("x", "y"), Set.of("m"), 3))
            .endpoint(adapters(Set.of("x", "y"), Set.of(), 2))
            .build();
    assertThat(inOrder(cycle, new LoraAffinityScorer().score(cycle)))
        .containsExactly(1, 0.8, 0.6, 0);
  }

  @Test
  void everyScorerNamesTheLoadFieldsThatItReads() {
    assertThat(new QueueScorer().requires()).containsExactly(LoadFields.WAITING_REQUESTS);
    assertThat(new LoraAffinityScorer().requires())
        .containsExactlyInAnyOrder(LoadFields.ACTIVE_ADAPTERS, LoadFields.WAITING_ADAPTERS);
  }

  @RepeatedTest(100)
  void brokenLoadsNeverLeaveTheUnitIntervalOfABoundedScorer(RepetitionInfo round) {
    SchedulingCycle cycle = strangeCycle(new Random(round.getCurrentRepetition()));
    for (Scorer scorer :
        new Scorer[] {new QueueScorer(), new RunningRequestsSizeScorer(), LOAD_AWARE}) {
      assertThat(Arrays.stream(inOrder(cycle, scorer.score(cycle))))
          .allMatch(s -> s >= 0 && s <= 1);
    }
  }

  private static SchedulingCycle strangeCycle(Random random) {
    int[] strange = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 7};
    CycleFixture fixture = new CycleFixture();
    for (int i = 0; i < 1 + random.nextInt(9); i++) {
      int waiting = strange[random.nextInt(strange.length)];
      fixture.endpoint(load(waiting, strange[random.nextInt(strange.length)], 0));
    }
    return fixture.build();
  }

  private static SchedulingCycle queues(int... lengths) {
    CycleFixture fixture = new CycleFixture();
    for (int length : lengths) {
      fixture.endpoint(load(length, 0, 0));
    }
    return fixture.build();
  }
}
