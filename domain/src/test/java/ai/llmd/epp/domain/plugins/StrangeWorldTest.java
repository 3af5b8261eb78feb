package ai.llmd.epp.domain.plugins;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.picker.MaxScorePicker;
import ai.llmd.epp.domain.scheduling.picker.PickerParameters;
import ai.llmd.epp.domain.scheduling.scorer.EndpointAttributeScorer;
import ai.llmd.epp.domain.scheduling.scorer.HeaderLabelAffinityScorer;
import ai.llmd.epp.domain.scheduling.scorer.LatencyScorer;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every scorer and picker of the catalogue promises, whatever model servers and producers say.
 * A new one is held to it without a further line, unless it has a required parameter.
 */
class StrangeWorldTest {

  private static final int SEEDS = 4_000;

  /** For types that have a required parameter, or something to vary. */
  private static final Map<String, List<Record>> PARAMETERS =
      Map.of(
          HeaderLabelAffinityScorer.TYPE.name(),
          List.of(
              new HeaderLabelAffinityScorer.Parameters(StrangeWorld.HEADER, StrangeWorld.LABEL)),
          EndpointAttributeScorer.TYPE.name(),
          List.of(
              attribute(EndpointAttributeScorer.Direction.LOWER_IS_BETTER, false),
              attribute(EndpointAttributeScorer.Direction.HIGHER_IS_BETTER, true)),
          PrefixCacheScorer.TYPE.name(),
          List.of(
              PrefixCacheScorer.TYPE.defaults(), new PrefixCacheScorer.Parameters("", 0.7, 100)),
          LatencyScorer.TYPE.name(),
          List.of(
              LatencyScorer.TYPE.defaults(),
              new LatencyScorer.Parameters(-1, 1.5, "most", 1e300, -1, 2, "", "")));

  private static final List<Named<Scorer>> SCORERS = plugins(Scorer.class);
  private static final List<Named<Picker>> PICKERS = plugins(Picker.class);

  static Stream<Named<Scorer>> scorers() {
    return SCORERS.stream();
  }

  static Stream<Named<Picker>> pickers() {
    return PICKERS.stream();
  }

  @Test
  void theCatalogueHasScorersAndPickers() {
    assertThat(SCORERS).hasSizeGreaterThanOrEqualTo(18);
    assertThat(PICKERS).hasSizeGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("scorers")
  void everyClampedScoreIsWithinTheUnitInterval(Named<Scorer> scorer) {
    var profile = profile(List.of(new WeightedScorer(scorer, 1)), best(1));
    for (long seed = 0; seed < SEEDS; seed++) {
      SchedulingCycle cycle = new StrangeWorld(seed).cycle();
      double[] totals = inOrder(cycle, run(profile, cycle).totals());
      assertThat(totals).as("seed %d", seed).hasSize(cycle.candidates().size());
      for (double total : totals) {
        if (!(total >= 0 && total <= 1)) {
          assertThat(total).as("seed %d", seed).isBetween(0.0, 1.0);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("scorers")
  void scoringTheSameTwiceGivesTheSame(Named<Scorer> scorer) {
    for (long seed = 0; seed < SEEDS; seed++) {
      SchedulingCycle once = new StrangeWorld(seed).cycle();
      SchedulingCycle again = new StrangeWorld(seed).cycle();
      assertThat(inOrder(once, scorer.plugin().score(once)))
          .as("seed %d", seed)
          .isEqualTo(inOrder(again, scorer.plugin().score(again)));
    }
  }

  @ParameterizedTest
  @MethodSource("pickers")
  void everyPickIsACandidateAndNoneIsPickedTwice(Named<Picker> picker) {
    for (long seed = 0; seed < SEEDS; seed++) {
      SchedulingCycle cycle = new StrangeWorld(seed).cycle();
      ProfileResult result = run(mixture(seed, picker), cycle);
      List<String> picks = names(result.picks());
      assertThat(picks).as("seed %d", seed).isNotEmpty().doesNotHaveDuplicates();
      assertThat(names(cycle.candidates())).as("seed %d", seed).containsAll(picks);
    }
  }

  @ParameterizedTest
  @MethodSource("pickers")
  void theSameSeedGivesTheSamePick(Named<Picker> picker) {
    for (long seed = 0; seed < SEEDS; seed++) {
      SchedulingProfile profile = mixture(seed, picker);
      List<String> once = names(run(profile, new StrangeWorld(seed).cycle()).picks());
      List<String> again = names(run(profile, new StrangeWorld(seed).cycle()).picks());
      assertThat(once).as("seed %d", seed).isEqualTo(again);
    }
  }

  @Test
  void everyTotalIsFiniteAndTheBestOnesArePickedInOrder() {
    for (long seed = 0; seed < SEEDS; seed++) {
      SchedulingCycle cycle = new StrangeWorld(seed).cycle();
      ProfileResult result = run(mixture(seed, best(99)), cycle);
      Candidates picks = result.picks();
      assertThat(picks.size()).as("seed %d", seed).isEqualTo(cycle.candidates().size());
      double before = Double.MAX_VALUE;
      for (int i = 0; i < picks.size(); i++) {
        double total = result.totals().at(picks.get(i).slot());
        assertThat(total).as("seed %d", seed).isFinite().isLessThanOrEqualTo(before);
        before = total;
      }
    }
  }

  private static ProfileResult run(SchedulingProfile profile, SchedulingCycle cycle) {
    return Objects.requireNonNull(profile.run(cycle, PluginCalls.timedBy(() -> 0)).result());
  }

  /** Some scorers with strange weights. */
  private static SchedulingProfile mixture(long seed, Named<Picker> picker) {
    var random = new Random(seed);
    var weights = new StrangeWorld(seed);
    List<WeightedScorer> some = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      some.add(new WeightedScorer(SCORERS.get(random.nextInt(SCORERS.size())), weights.weight()));
    }
    return profile(some, picker);
  }

  private static SchedulingProfile profile(List<WeightedScorer> scorers, Named<Picker> picker) {
    return new SchedulingProfile("default", List.of(), scorers, picker);
  }

  private static Named<Picker> best(int count) {
    return new Named<>("best", "test", new MaxScorePicker(new PickerParameters(count)));
  }

  private static EndpointAttributeScorer.Parameters attribute(
      EndpointAttributeScorer.Direction direction, boolean isFixed) {
    var range = isFixed ? new EndpointAttributeScorer.FixedRange(-1, 9) : null;
    var normalization = new EndpointAttributeScorer.Normalization(range, null);
    return new EndpointAttributeScorer.Parameters(
        StrangeWorld.ATTRIBUTE,
        null,
        new EndpointAttributeScorer.Algorithm(direction, normalization));
  }

  private static <P extends Plugin> List<Named<P>> plugins(Class<P> kind) {
    List<Named<P>> plugins = new ArrayList<>();
    for (PluginType<?> type : new DomainPlugins().types()) {
      for (Record parameters : PARAMETERS.getOrDefault(type.name(), List.of(type.defaults()))) {
        Plugin plugin = build(type, parameters, kind);
        if (kind.isInstance(plugin)) {
          plugins.add(new Named<>(type.name(), type.reportedAs(), kind.cast(plugin)));
        }
      }
    }
    return plugins;
  }

  /** Null for a plugin of another kind that cannot be built without parameters. */
  private static @Nullable Plugin build(PluginType<?> type, Record parameters, Class<?> kind) {
    try {
      return type.create(parameters, new Context(type.name()));
    } catch (IllegalArgumentException e) {
      Class<?> plugin = parameters.getClass().getEnclosingClass();
      if (plugin != null && kind.isAssignableFrom(plugin)) {
        throw e; // it wants a line in PARAMETERS
      }
      return null;
    }
  }

  private record Context(String name) implements PluginContext {

    private static final Map<Class<?>, Object> PARTS =
        Map.of(
            SharedState.class,
            new SharedState(SharedState.Budget.DEFAULT),
            SampleAge.class,
            SampleAge.BY_CLOCK,
            RandomGenerator.class,
            new Random(1),
            LongSupplier.class,
            (LongSupplier) () -> 0);

    @Override
    public Optional<Plugin> plugin(String other) {
      return Optional.empty();
    }

    @Override
    public <T> T service(Class<T> type) {
      return Objects.requireNonNull(type.cast(PARTS.get(type)));
    }
  }
}
