package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What one configuration keeps of another. */
class ReplacedConfigurationTest {

  private record Settings(String leansOn, int size) {}

  /** Looks up another plugin while it is built, and knows when it is closed. */
  private static final class Leaning implements Scorer, AutoCloseable {

    private static final List<Leaning> CLOSED = new ArrayList<>();

    Leaning(Settings settings, PluginContext context) {
      context.plugin(settings.leansOn());
    }

    @Override
    public Scores score(SchedulingCycle cycle) {
      return Scores.all(cycle, 1);
    }

    @Override
    public void close() {
      CLOSED.add(this);
    }
  }

  private static final PluginType<Settings> LEANING =
      PluginType.withContext("leaning-scorer", new Settings("", 0), Leaning::new);
  private static final PluginRegistry REGISTRY =
      PluginRegistry.of(Loading.catalogues(new OddPlugins(), () -> List.of(LEANING)));

  private static EffectiveConfiguration load(String text) throws InvalidDocumentException {
    return new ConfigurationLoader(REGISTRY, false).load(document(text), Loading.services());
  }

  private static EffectiveConfiguration load(String text, EffectiveConfiguration inForce)
      throws InvalidDocumentException {
    return new ConfigurationLoader(REGISTRY, false)
        .load(document(text), Loading.services(), inForce);
  }

  private static ConfigurationDocument document(String text) {
    return ConfigurationDocument.read(new YamlSource("epp.yaml", text));
  }

  private static Plugin plugin(EffectiveConfiguration configuration, String name) {
    return configuration.built().stream()
        .filter(built -> built.name().equals(name))
        .findFirst()
        .orElseThrow()
        .plugin();
  }

  @Test
  void keepsEveryPluginOfADocumentThatOnlyWeighsDifferently() throws InvalidDocumentException {
    String text = "plugins: [{type: queue-scorer}]\nschedulingProfiles: [{name: a, plugins: [";
    EffectiveConfiguration before = load(text + "{pluginRef: queue-scorer}]}]");

    EffectiveConfiguration after = load(text + "{pluginRef: queue-scorer, weight: 4}]}]", before);

    assertThat(after.built()).allMatch(built -> before.has(built.plugin()));
    assertThat(after.scheduling().profiles().getFirst().scorers().getFirst().weight()).isEqualTo(4);
  }

  @Test
  void buildsAnewWhatHasOtherParametersOrAnotherType() throws InvalidDocumentException {
    EffectiveConfiguration before =
        load("plugins: [{name: a, type: load-aware-scorer}, {name: b, type: queue-scorer}]");

    EffectiveConfiguration after =
        load(
            """
            plugins:
            - {name: a, type: load-aware-scorer, parameters: {threshold: 7}}
            - {name: b, type: kv-cache-utilization-scorer}
            """,
            before);

    assertThat(before.has(plugin(after, "a"))).isFalse();
    assertThat(before.has(plugin(after, "b"))).isFalse();
    assertThat(before.has(plugin(after, "max-score-picker"))).isTrue();
  }

  @Test
  void keepsAPluginWhoseDefaultsAreSpelledOut() throws InvalidDocumentException {
    EffectiveConfiguration before = load("plugins: [{name: a, type: load-aware-scorer}]");

    EffectiveConfiguration after =
        load("plugins: [{name: a, type: load-aware-scorer, parameters: {threshold: 128}}]", before);

    assertThat(plugin(after, "a")).isSameAs(plugin(before, "a"));
  }

  static Stream<Arguments> groundsOf() {
    String queue = "{name: ground, type: load-aware-scorer}";
    return Stream.of(
        arguments(queue, queue, true),
        arguments(
            queue, "{name: ground, type: load-aware-scorer, parameters: {threshold: 7}}", false),
        arguments(queue, "{name: elsewhere, type: load-aware-scorer}", false),
        arguments("{name: elsewhere, type: load-aware-scorer}", queue, false));
  }

  @ParameterizedTest
  @MethodSource("groundsOf")
  void keepsAPluginOnlyUponTheSameInstances(String ground, String newGround, boolean isKept)
      throws InvalidDocumentException {
    String leaning = ", {name: a, type: leaning-scorer, parameters: {leansOn: ground}}]";
    EffectiveConfiguration before = load("plugins: [" + ground + leaning);

    EffectiveConfiguration after = load("plugins: [" + newGround + leaning, before);

    assertThat(before.has(plugin(after, "a"))).isEqualTo(isKept);
  }

  /** Whether the old scorer hosts a producer depends on whether there is one. */
  static Stream<Arguments> othersBesideTheOldScorer() {
    String scorer = "{type: precise-prefix-cache-scorer}";
    String producer = "{name: exact, type: precise-prefix-cache-producer}";
    String other =
        "{name: exact, type: precise-prefix-cache-producer, parameters: {speculativeIndexing:"
            + " true}}";
    return Stream.of(
        arguments(scorer, scorer, true),
        arguments(scorer, scorer + ", {type: load-aware-scorer}", true),
        arguments("{type: load-aware-scorer}, " + scorer, scorer + ", {type: queue-scorer}", true),
        arguments(scorer, scorer + ", " + producer, false),
        arguments(scorer + ", " + producer, producer + ", " + scorer, true),
        arguments(scorer + ", " + producer, scorer + ", " + other, false),
        arguments(producer + ", " + scorer, scorer, false));
  }

  @ParameterizedTest
  @MethodSource("othersBesideTheOldScorer")
  void keepsTheOldScorerWithItsIndexWhileNoProducerComesOrGoes(
      String plugins, String newPlugins, boolean isKept) throws InvalidDocumentException {
    String tokens = "plugins: [{type: token-producer, parameters: {modelName: m}}, ";
    EffectiveConfiguration before = load(tokens + plugins + "]");

    EffectiveConfiguration after = load(tokens + newPlugins + "]", before);

    assertThat(before.has(plugin(after, "precise-prefix-cache-scorer"))).isEqualTo(isKept);
  }

  @Test
  void closesWhatWasBuiltForADocumentThatIsRefusedAndNothingElse() throws InvalidDocumentException {
    EffectiveConfiguration before = load("plugins: [{name: kept, type: leaning-scorer}]");
    Leaning.CLOSED.clear();

    var refused =
        catchThrowableOfType(
            InvalidDocumentException.class,
            () ->
                load(
                    """
                    plugins:
                    - {name: kept, type: leaning-scorer}
                    - {name: new, type: leaning-scorer, parameters: {size: 2}}
                    - {name: wrong, type: nobody-knows}
                    """,
                    before));

    assertThat(refused.problems()).hasSize(1);
    assertThat(Leaning.CLOSED).hasSize(1).doesNotContain((Leaning) plugin(before, "kept"));
  }

  static Stream<Arguments> changesOfWhatIsSettled() {
    return Stream.of(
        arguments(
            "featureGates: [haPopulateNonLeaderDatastore=false]", "featureGates: feature gates"),
        arguments("stateStore: {type: memory, memory: {maxSessions: 7}}", "stateStore: the store"),
        arguments(
            "stateStore: {type: redis, redis: {uri: \"redis://a\"}}", "stateStore: the store"),
        arguments("stateStore: {lease: 5s}", "stateStore: the store"),
        arguments(
            "plugins: [{type: file-discovery, parameters: {path: a}}]\n"
                + "dataLayer: {discovery: {pluginRef: file-discovery}}",
            "dataLayer.discovery: the plugin"));
  }

  @ParameterizedTest
  @MethodSource("changesOfWhatIsSettled")
  void refusesWhatCannotChangeWhileTheProgramRuns(String text, String complaint)
      throws InvalidDocumentException {
    EffectiveConfiguration before = load("");

    var refused = catchThrowableOfType(InvalidDocumentException.class, () -> load(text, before));

    assertThat(refused).as("refusal of: %s", text).isNotNull();
    assertThat(refused.problems()).singleElement().asString().contains(complaint, "restart");
  }

  @Test
  void refusesOtherParametersOfTheDiscoveryToo() throws InvalidDocumentException {
    String text =
        "plugins: [{type: file-discovery, parameters: {path: %s}}]\n"
            + "dataLayer: {discovery: {pluginRef: file-discovery}}";
    EffectiveConfiguration before = load(text.formatted("a"));

    assertThat(load(text.formatted("a"), before).dataLayer().discovery())
        .isEqualTo(before.dataLayer().discovery());
    var refused =
        catchThrowableOfType(
            InvalidDocumentException.class, () -> load(text.formatted("b"), before));
    assertThat(refused.problems()).singleElement().asString().contains("dataLayer.discovery");
  }
}
