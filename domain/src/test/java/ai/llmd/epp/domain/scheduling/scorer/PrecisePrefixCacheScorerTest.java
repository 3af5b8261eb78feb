package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PrecisePrefixCacheScorerTest {

  private static final Named<Plugin> PRECISE = plugin("ppc", "precise-prefix-cache-producer");
  private static final Named<Plugin> APPROXIMATE = plugin("apc", "approx-prefix-cache-producer");

  @Test
  void readsTheProducerThatWasBuiltBefore() {
    assertThat(scorer(APPROXIMATE, PRECISE).requires()).containsExactly(PrefixMatches.key("ppc"));
  }

  @Test
  void withoutOneItReadsMatchesUnderItsOwnName() {
    assertThat(scorer(APPROXIMATE).requires()).containsExactly(PrefixMatches.key("pps"));
  }

  @Test
  void twoProducersLeaveItUnclearWhichOneIsMeant() {
    assertThatThrownBy(() -> scorer(PRECISE, plugin("ppc2", "precise-prefix-cache-producer")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("reads one precise-prefix-cache-producer, there are ppc, ppc2");
  }

  @Test
  void givesTheMatchedShare() {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(3)
            .fact(PrefixMatches.key("pps"), PrefixMatches.uniform(new int[] {3, 0, 10}, 10, 16))
            .fact(
                PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[] {0, 10, 0}, 10, 16))
            .build();
    assertThat(inOrder(cycle, scorer().score(cycle)))
        .containsExactly(new double[] {0.3, 0, 1}, within(1e-12));
  }

  /** The scorer "pps", built after these plugins. */
  @SafeVarargs
  private static Scorer scorer(Named<Plugin>... before) {
    return (Scorer)
        PrecisePrefixCacheScorer.TYPE.create(new NoParameters(), new Context(List.of(before)));
  }

  private static Named<Plugin> plugin(String name, String type) {
    return new Named<>(name, type, new Plugin() {});
  }

  private record Context(List<Named<Plugin>> plugins) implements PluginContext {

    @Override
    public String name() {
      return "pps";
    }

    @Override
    public Optional<Plugin> plugin(String other) {
      return Optional.empty();
    }

    @Override
    public <T> T service(Class<T> type) {
      throw new IllegalStateException("the program has no " + type);
    }
  }
}
