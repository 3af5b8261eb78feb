package ai.llmd.epp.domain.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.FakeContext;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.saturation.detector.ConcurrencyDetector;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.ByLabelFilter;
import ai.llmd.epp.domain.scheduling.filter.ContextLengthAware;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter.TtftSource;
import ai.llmd.epp.domain.scheduling.filter.SloHeadroomTierFilter;
import ai.llmd.epp.domain.scheduling.filter.TopologyAffinityFilter;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter.Condition;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter.Metric;
import ai.llmd.epp.domain.scheduling.session.SessionParameters;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.Strategy;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every filter keeps to, whatever the state of the endpoints. */
class FilterPropertiesTest {

  private static final int SEEDS = 4_000;
  private static final FakeContext CONTEXT =
      new FakeContext(
          "plugin",
          Map.of(
              SharedState.class,
              new SharedState(SharedState.Budget.DEFAULT),
              SampleAge.class,
              SampleAge.BY_CLOCK,
              LongSupplier.class,
              (LongSupplier) () -> 0));

  /** Parameters by type name; any other type is tried with its defaults. */
  private static final Map<String, Function<Random, Record>> PARAMETERS = new HashMap<>();

  static {
    Function<Random, Record> selector =
        random -> new LabelSelectorFilter.Parameters(Map.of("tier", "h"), List.of());
    PARAMETERS.put("label-selector-filter", selector);
    PARAMETERS.put("by-label-selector", selector);
    PARAMETERS.put(
        "by-label",
        random -> new ByLabelFilter.Parameters("tier", List.of("h", ""), random.nextBoolean()));
    PARAMETERS.put(
        "topology-affinity-filter",
        random ->
            new TopologyAffinityFilter.Parameters(
                oneOf(random, "host", "rack", "zone", "region"), ""));
    PARAMETERS.put(
        "utilization-filter",
        random ->
            new UtilizationFilter.Parameters(
                Stream.of(Metric.values())
                    .filter(metric -> metric == Metric.ACTIVE_REQUESTS || random.nextBoolean())
                    .map(metric -> new Condition(metric, random.nextDouble()))
                    .toList(),
                random.nextBoolean(),
                ""));
    PARAMETERS.put(
        "endpoint-attribute-filter",
        random ->
            new EndpointAttributeFilter.Parameters(
                "n",
                null,
                oneOf(random, EndpointAttributeFilter.OnMissing.values()),
                random.nextBoolean(),
                new EndpointAttributeFilter.Algorithm(
                    EndpointAttributeFilter.AlgorithmType.THRESHOLD,
                    new EndpointAttributeFilter.Threshold(
                        oneOf(random, EndpointAttributeFilter.Operator.values()),
                        random.nextInt(3)))));
    PARAMETERS.put(
        "prefix-cache-affinity-filter",
        random ->
            new PrefixCacheAffinityFilter.Parameters(
                random.nextDouble(),
                random.nextDouble(),
                random.nextInt(2) * 10,
                oneOf(random, TtftSource.values()),
                random.nextBoolean() ? OptionalDouble.empty() : OptionalDouble.of(1),
                "",
                "",
                ""));
    PARAMETERS.put(
        "slo-headroom-tier-filter",
        random -> new SloHeadroomTierFilter.Parameters(random.nextDouble(), ""));
    PARAMETERS.put(
        "context-length-aware",
        random ->
            new ContextLengthAware.Parameters(
                "llm-d.ai/context-length-range", random.nextBoolean()));
    PARAMETERS.put(
        "concurrency-detector",
        random ->
            new ConcurrencyDetector.Parameters(
                oneOf(random, ConcurrencyDetector.Mode.values()), 1, 100, random.nextDouble(), ""));
    Function<Random, Record> session =
        random ->
            new SessionParameters(
                oneOf(random, Strategy.values()),
                SessionParameters.DEFAULT.encodedEndpointHeaderConfig(),
                SessionParameters.DEFAULT.sessionIdConfig(),
                "");
    PARAMETERS.put("session-affinity-filter", session);
    PARAMETERS.put("multicluster-session-affinity-filter", session);
  }

  static Stream<String> filters() {
    return new DomainPlugins()
        .types().stream().filter(FilterPropertiesTest::isFilter).map(PluginType::name);
  }

  private static boolean isFilter(PluginType<?> type) {
    try {
      return create(type, new Random(1)) instanceof Filter;
    } catch (IllegalArgumentException e) {
      return false; // it stands on a plugin that is not there; filters do not
    }
  }

  @Test
  void everyFilterIsTried() {
    assertThat(filters()).contains("decode-filter", "by-label", "concurrency-detector");
    assertThat(filters()).containsAll(PARAMETERS.keySet());
  }

  @ParameterizedTest
  @MethodSource("filters")
  void keepsOnlyCandidatesOfTheCycleAndEachOnce(String type) {
    for (long seed = 0; seed < SEEDS; seed++) {
      SchedulingCycle cycle = OddCycle.of(seed);
      Set<Candidate> allowed = Collections.newSetFromMap(new IdentityHashMap<>());
      cycle.candidates().forEach(allowed::add);
      for (Candidate kept : filter(type, seed).filter(cycle)) {
        assertThat(allowed.remove(kept)).as("seed %d keeps %s", seed, kept).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("filters")
  void answersTheSameToTheSame(String type) {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertThat(slotsKept(type, seed)).as("seed %d", seed).isEqualTo(slotsKept(type, seed));
    }
  }

  /** Otherwise the other properties would prove little. */
  @ParameterizedTest
  @MethodSource("filters")
  void keepsAllOfOneCycleAndFewerOfAnother(String type) {
    Set<Integer> dropped = new HashSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      dropped.add(OddCycle.of(seed).candidates().size() - slotsKept(type, seed).size());
    }
    assertThat(dropped).hasSizeGreaterThan(1).allMatch(count -> count >= 0);
  }

  private static Filter filter(String name, long seed) {
    PluginType<?> type =
        new DomainPlugins()
            .types().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
    return (Filter) create(type, OddCycle.random(seed));
  }

  private static Plugin create(PluginType<?> type, Random random) {
    Function<Random, Record> parameters =
        PARAMETERS.getOrDefault(type.name(), ignored -> type.defaults());
    return type.create(parameters.apply(random), CONTEXT);
  }

  @SafeVarargs
  private static <T> T oneOf(Random random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static List<Integer> slotsKept(String type, long seed) {
    List<Integer> slots = new ArrayList<>();
    filter(type, seed).filter(OddCycle.of(seed)).forEach(kept -> slots.add(kept.slot()));
    return slots;
  }
}
