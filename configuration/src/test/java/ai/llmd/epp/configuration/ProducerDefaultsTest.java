package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.YamlSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the real producers come by themselves, beside which, and which cannot. */
class ProducerDefaultsTest {

  private static final PluginRegistry REGISTRY = registry();
  private static final PluginServices SERVICES =
      PluginServices.of(
          Map.of(
              SharedState.class,
              new SharedState(SharedState.Budget.DEFAULT),
              LocalChanges.class,
              LocalChanges.NONE,
              PrefixRecorder.class,
              new PrefixRecorder(1, failure -> {}),
              PrefixObserver.class,
              PrefixObserver.NONE,
              InFlightObserver.class,
              InFlightObserver.NONE,
              EncoderCacheObserver.class,
              EncoderCacheObserver.NONE,
              SampleAge.class,
              SampleAge.BY_CLOCK,
              RandomGenerator.class,
              new Random(1)));

  /** Wants one fact and scores nothing. */
  private record Reader(FactKey<?> wanted) implements Scorer {

    @Override
    public Set<FactKey<?>> requires() {
      return Set.of(wanted);
    }

    @Override
    public Scores score(SchedulingCycle cycle) {
      return Scores.all(cycle, 0);
    }
  }

  private static PluginRegistry registry() {
    List<PluginCatalogue> catalogues = new ArrayList<>();
    ServiceLoader.load(PluginCatalogue.class).forEach(catalogues::add);
    catalogues.add(
        () ->
            List.of(
                PluginType.of("session-reader", () -> new Reader(RequestAttribute.SESSION_ID)),
                PluginType.of(
                    "items-reader",
                    () ->
                        new Reader(
                            EncoderCacheMatches.key(EncoderCacheMatches.DEFAULT_PRODUCER)))));
    return PluginRegistry.of(catalogues);
  }

  private static EffectiveConfiguration load(boolean allowsExperimental, String plugins)
      throws InvalidDocumentException {
    return new ConfigurationLoader(REGISTRY, allowsExperimental)
        .load(
            ConfigurationDocument.read(new YamlSource("epp.yaml", "plugins: [" + plugins + "]")),
            SERVICES);
  }

  private static List<String> problemsOf(String plugins) {
    var refused = catchThrowableOfType(InvalidDocumentException.class, () -> load(false, plugins));
    assertThat(refused).as("refusal of: %s", plugins).isNotNull();
    return refused.problems().stream().map(Problem::toString).toList();
  }

  private static List<String> labels(List<? extends Named<? extends Plugin>> plugins) {
    return plugins.stream()
        .map(Object::toString)
        .map(label -> label.replaceAll("\\[.*", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{type: tokenizer}", "{name: tokenizer, type: token-producer}"})
  void aTokenProducerUnderAnotherNameGetsADefaultOneBesideIt(String producer)
      throws InvalidDocumentException {
    EffectiveConfiguration loaded = load(false, producer + ", {type: prefix-cache-scorer}");

    assertThat(labels(loaded.stages().producers()))
        .containsExactly(
            "tokenizer/token-producer",
            "token-producer/token-producer",
            "approx-prefix-cache-producer/approx-prefix-cache-producer");
  }

  @Test
  void aTokenizerByTheDefaultNameStandsAlone() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        load(false, "{name: token-producer, type: tokenizer}, {type: prefix-cache-scorer}");

    assertThat(labels(loaded.stages().producers()))
        .containsExactly(
            "token-producer/token-producer",
            "approx-prefix-cache-producer/approx-prefix-cache-producer");
    assertThat(loaded.warnings())
        .contains("plugin type tokenizer is deprecated, use token-producer");
  }

  @Test
  void whoWantsItemsGetsTheirProducerAndItsTokens() throws InvalidDocumentException {
    assertThat(labels(load(false, "{type: items-reader}").stages().producers()))
        .containsSubsequence(
            "token-producer/token-producer",
            "mm-embeddings-cache-producer/mm-embeddings-cache-producer");
  }

  @Test
  void aMissingSessionProducerIsReportedWithTheParametersItNeeds() {
    assertThat(problemsOf("{type: session-reader}"))
        .singleElement()
        .asString()
        .contains("plugin \"session-id-producer\" could not be built")
        .contains("exactly one of headerName and cookieName");
  }

  @Test
  void aSessionIsFoundWhereItsProducerIsConfiguredTo() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        load(
            false,
            "{type: session-reader}, "
                + "{type: session-id-producer, parameters: {cookieName: sid}}");

    assertThat(labels(loaded.stages().producers()))
        .contains("session-id-producer/session-id-producer");
  }

  @Test
  void identifiersComeInTheOrderOfTheirDeclaration() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        load(
            true,
            "{name: b, type: agent-identity, parameters: {additionalSessionHeaders: [x-b]}}, "
                + "{name: a, type: agent-identity}");

    assertThat(labels(loaded.stages().identifiers()))
        .containsExactly("b/agent-identity", "a/agent-identity");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent-identity",
        "topology-extractor",
        "p2p-source-producer",
        "multicluster-approx-prefix-cache-producer"
      })
  void experimentalOnesNeedTheFlag(String type) throws InvalidDocumentException {
    assertThat(problemsOf("{type: " + type + "}"))
        .singleElement()
        .asString()
        .contains(type)
        .contains("--allow-experimental-plugins");
    assertThat(labels(load(true, "{type: " + type + "}").plugins())).contains(type + "/" + type);
  }
}
