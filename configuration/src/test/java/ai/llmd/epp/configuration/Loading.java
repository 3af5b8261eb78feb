package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.llmd.epp.application.latency.LatencyObserver;
import ai.llmd.epp.application.latency.LatencyServers;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.application.precise.SilentFeed;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.application.rollout.RolloutObserver;
import ai.llmd.epp.application.tokens.NoTokenizer;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.SampleAge;
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
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Loads configuration texts with every plugin there is, and some that are odd on purpose. */
public final class Loading {

  static final PluginRegistry REGISTRY = PluginRegistry.of(catalogues(new OddPlugins()));

  private static final SharedState.Budget SMALL = new SharedState.Budget(1 << 20, 1 << 10);

  private Loading() {}

  /** Every plugin of the program, and these. */
  static List<PluginCatalogue> catalogues(PluginCatalogue... more) {
    List<PluginCatalogue> catalogues = new ArrayList<>();
    ServiceLoader.load(PluginCatalogue.class).forEach(catalogues::add);
    catalogues.addAll(List.of(more));
    return catalogues;
  }

  /** The parts of a program that has just begun; nothing of it runs. */
  public static PluginServices services() {
    return services(Set.of());
  }

  /**
   * @param obliged what an obliging extractor claims to produce
   */
  static PluginServices services(Set<FactKey<?>> obliged) {
    return PluginServices.of(
            Map.of(
                OddPlugins.Obliging.class,
                new OddPlugins.Obliging(obliged),
                SharedState.class,
                new SharedState(SMALL),
                LocalChanges.class,
                LocalChanges.NONE,
                PrefixRecorder.class,
                new PrefixRecorder(1, failure -> {}),
                PrefixObserver.class,
                PrefixObserver.NONE,
                InFlightObserver.class,
                (InFlightObserver) (producer, endpoint, labels, tokens, entry) -> entry,
                EncoderCacheObserver.class,
                EncoderCacheObserver.NONE,
                SampleAge.class,
                SampleAge.BY_CLOCK,
                RandomGenerator.class,
                new Random(1),
                LongSupplier.class,
                (LongSupplier) () -> 0))
        .with(KvEventFeeds.class, (settings, applier, slots, tick) -> new SilentFeed())
        .with(PromptTokenizers.class, NoTokenizer.FOR_ALL)
        .with(RolloutObserver.class, RolloutObserver.NONE)
        .with(LatencyObserver.class, LatencyObserver.NONE)
        .with(LatencyServers.Source.class, LatencyServers.Source.NONE);
  }

  public static EffectiveConfiguration load(String text) throws InvalidDocumentException {
    return load(text, false);
  }

  static EffectiveConfiguration load(String text, boolean allowsExperimental)
      throws InvalidDocumentException {
    return load(text, allowsExperimental, services());
  }

  /** The same, with parts of the caller's. */
  public static EffectiveConfiguration load(
      String text, boolean allowsExperimental, PluginServices services)
      throws InvalidDocumentException {
    var document = ConfigurationDocument.read(new YamlSource("epp.yaml", text));
    return new ConfigurationLoader(REGISTRY, allowsExperimental).load(document, services);
  }

  /** The plugin types that a text declares. */
  static List<String> typesIn(String text) {
    return ConfigurationDocument.read(new YamlSource("epp.yaml", text)).file().plugins().stream()
        .map(spec -> spec.type().value())
        .toList();
  }

  /** The problems of a text that must have some, one line each. */
  static List<String> problemsOf(String text) {
    var refused = catchThrowableOfType(InvalidDocumentException.class, () -> load(text));
    assertThat(refused).as("refusal of: %s", text).isNotNull();
    return refused.problems().stream().map(Problem::toString).toList();
  }
}
