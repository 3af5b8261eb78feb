package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.adapters;
import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server has never reported is left unscored, and out of the range of the others. */
class UnreportedLoadTest {

  static Stream<Scorer> scorersOfLoads() {
    return Stream.of(
        new QueueScorer(),
        new RunningRequestsSizeScorer(),
        new KvCacheUtilizationScorer(),
        new LoadAwareScorer(LoadAwareScorer.TYPE.defaults()),
        new LoraAffinityScorer());
  }

  @ParameterizedTest
  @MethodSource("scorersOfLoads")
  void aServerThatWasNeverSampledStaysUnscored(Scorer scorer) {
    SchedulingCycle cycle =
        new CycleFixture().endpoint(EndpointLoad.UNSAMPLED).endpoint(load(1, 1, 0.5)).build();
    assertThat(inOrder(cycle, scorer.score(cycle))[0]).isNaN();
    assertThat(inOrder(cycle, scorer.score(cycle))[1]).isNotNaN();
  }

  @ParameterizedTest
  @MethodSource("scorersOfLoads")
  void aLoadThatCountsAsZeroIsScoredAsOne(Scorer scorer) {
    SchedulingCycle zero =
        new CycleFixture().endpoint(load(0, 0, 0)).endpoint(load(7, 7, 0.7)).build();
    SchedulingCycle assumed =
        new CycleFixture()
            .endpoint(EndpointLoad.UNSAMPLED_AS_ZERO)
            .endpoint(load(7, 7, 0.7))
            .build();
    assertThat(inOrder(assumed, scorer.score(assumed)))
        .isEqualTo(inOrder(zero, scorer.score(zero)));
  }

  @Test
  void itDoesNotStretchTheRangeOfTheOthers() {
    SchedulingCycle cycle =
        new CycleFixture()
            .endpoint(load(5, 5, 0))
            .endpoint(EndpointLoad.UNSAMPLED)
            .endpoint(load(9, 9, 0))
            .build();
    assertThat(inOrder(cycle, new QueueScorer().score(cycle))).containsExactly(1, Double.NaN, 0);
    assertThat(inOrder(cycle, new RunningRequestsSizeScorer().score(cycle)))
        .containsExactly(1, Double.NaN, 0);
  }

  @Test
  void eachValueIsAStateOfItsOwn() {
    EndpointLoad queueOnly =
        new EndpointLoad(
            3,
            0,
            0,
            Set.of(),
            Set.of(),
            0,
            0,
            0,
            Map.of(),
            0,
            true,
            new Reported(true, false, false, false));
    SchedulingCycle cycle = new CycleFixture().endpoint(queueOnly).build();
    assertThat(inOrder(cycle, new QueueScorer().score(cycle))).containsExactly(1);
    assertThat(inOrder(cycle, new KvCacheUtilizationScorer().score(cycle)))
        .containsExactly(Double.NaN);
    assertThat(inOrder(cycle, new LoraAffinityScorer().score(cycle))).containsExactly(Double.NaN);
  }

  @Test
  void anAdapterThatRunsAndWaitsTakesOnePlace() {
    Set<String> both = Set.of("tides", "harbours");
    SchedulingCycle cycle =
        new CycleFixture()
            .model("third")
            .endpoint(adapters(both, both, 4))
            .endpoint(adapters(both, both, 2))
            .endpoint(adapters(both, Set.of("third"), 3))
            .endpoint(adapters(both, Set.of("third", "tides"), 4))
            .build();
    assertThat(inOrder(cycle, new LoraAffinityScorer().score(cycle)))
        .containsExactly(0.8, 0, 0.6, 0.8);
  }
}
