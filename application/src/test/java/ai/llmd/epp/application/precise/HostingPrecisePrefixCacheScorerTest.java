package ai.llmd.epp.application.precise;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.PrecisePrefixCacheScorer;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class HostingPrecisePrefixCacheScorerTest {

  private final FakeFeeds feeds = new FakeFeeds();

  @Test
  void readsTheProducerThatWasBuiltBeforeAndHostsNone() {
    Plugin scorer = build("precise-prefix-cache-producer");
    assertThat(scorer).isInstanceOf(PrecisePrefixCacheScorer.class);
    assertThat(scorer.requires()).containsExactly(PrefixMatches.key("built0"));
    assertThat(feeds.applier).isNull();
  }

  @Test
  void twoProducersLeaveItUnclearWhichOneIsMeant() {
    assertThatThrownBy(
            () -> build("precise-prefix-cache-producer", "precise-prefix-cache-producer"))
        .hasMessageContaining("built0, built1");
  }

  @Test
  void hostsAProducerUnderItsOwnNameWhereThereIsNone() {
    var scorer = (HostingPrecisePrefixCacheScorer) build("approx-prefix-cache-producer");
    EndpointState a = endpoint(0);
    EndpointState b = endpoint(1);
    scorer.added(a);
    assertThat(scorer.requires()).contains(TokenizedPrompt.KEY);
    assertThat(scorer.produces()).containsExactly(PrefixMatches.key("pps"));
    SchedulingCycle cycle = cycle(request(), a, b);
    scorer.produce(cycle);
    cycle.facts().put(PrefixMatches.key("pps"), PrefixMatches.uniform(new int[] {3, 0}, 10, 16));
    assertThat(scorer.score(cycle).at(0)).isEqualTo(0.3);
    assertThat(feeds.subscriptions).containsOnlyKeys("ns/p0");
    scorer.removed(a, () -> {});
    assertThat(feeds.subscriptions).isEmpty();
    scorer.close();
    assertThat(feeds.isClosed).isTrue();
  }

  /** The scorer "pps", built after plugins of these types. */
  private Plugin build(String... types) {
    List<Named<Plugin>> before = new ArrayList<>();
    for (String type : types) {
      before.add(new Named<>("built" + before.size(), type, new Plugin() {}));
    }
    Map<Class<?>, Object> services =
        Map.of(
            KvEventFeeds.class,
            feeds,
            PrefixObserver.class,
            PrefixObserver.NONE,
            SharedState.class,
            new SharedState(SharedState.Budget.DEFAULT),
            LongSupplier.class,
            (LongSupplier) () -> 0);
    return HostingPrecisePrefixCacheScorer.TYPE.create(
        PreciseParameters.DEFAULT, new Context(before, services));
  }

  private record Context(List<Named<Plugin>> plugins, Map<Class<?>, Object> services)
      implements PluginContext {

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
      return Objects.requireNonNull(type.cast(services.get(type)));
    }
  }
}
