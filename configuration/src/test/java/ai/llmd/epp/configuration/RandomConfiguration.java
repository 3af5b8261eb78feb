package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.Instances.Instance;
import ai.llmd.epp.configuration.plugin.UpstreamTypes;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A configuration of filters, scorers and a picker that were drawn from the registry, with no
 * parameters or with some that the reference accepted, and weights of any kind.
 *
 * @param obliged keys that its plugins need and no plugin of the registry produces
 */
record RandomConfiguration(String text, Set<FactKey<?>> obliged) {

  private static final List<String> WEIGHTS =
      List.of("", "", "1", "2", "0", "-1", "0.25", "1e-9", "-3.5", "1000000", "1e300");

  /** Something to draw. */
  private record Choice(String type, String parameters, Plugin sample) {}

  private static final List<Choice> CHOICES = choices();

  private static List<Choice> choices() {
    Stream<Choice> plain = UpstreamTypes.ALL.stream().sorted().flatMap(type -> choice(type, "{}"));
    Stream<Choice> tuned =
        GoldenCase.readAll("scorers.json")
            .filter(golden -> golden.has("parameters") && !golden.has("otherPlugins"))
            .filter(golden -> golden.json().path("accepted").asBoolean(true))
            .flatMap(golden -> choice(golden.plugin(), golden.get("parameters").toString()));
    return Stream.concat(plain, tuned).toList();
  }

  /** The type with these parameters, if it can be had so and has a role in a profile. */
  private static Stream<Choice> choice(String type, String parameters) {
    return built("sample", type, parameters)
        .filter(RandomConfiguration::isDrawn)
        .map(plugin -> new Choice(type, parameters, plugin))
        .stream();
  }

  private static Optional<Plugin> built(String name, String type, String parameters) {
    Problems problems = new Problems("choice");
    Instances instances = new Instances(Loading.REGISTRY, Loading.services(), problems);
    LocatedText typeName = new LocatedText(type, SourceLocation.unwritten(""));
    instances.create(name, typeName, YamlText.read(parameters, "choice", problems));
    return instances.get(name).map(Instance::plugin);
  }

  private static boolean isDrawn(Plugin plugin) {
    return plugin instanceof Filter || plugin instanceof Scorer || plugin instanceof Picker;
  }

  static RandomConfiguration of(Random random) {
    List<Choice> drawn = new ArrayList<>();
    drawn.addAll(draw(random, Filter.class, Math.max(0, random.nextInt(5) - 2)));
    drawn.addAll(draw(random, Scorer.class, random.nextInt(6)));
    drawn.addAll(draw(random, Picker.class, random.nextInt(2)));
    Set<String> plugins = new LinkedHashSet<>(List.of("{type: obliging-extractor}"));
    List<String> references = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      Choice choice = drawn.get(i);
      plugins.add(
          "{name: p%d, type: %s, parameters: %s}".formatted(i, choice.type(), choice.parameters()));
      String weight = WEIGHTS.get(random.nextInt(WEIGHTS.size()));
      references.add(
          weight.isEmpty()
              ? "{pluginRef: p%d}".formatted(i)
              : "{pluginRef: p%d, weight: %s}".formatted(i, weight));
    }
    return new RandomConfiguration(
        "plugins: %s\nschedulingProfiles: [{name: a, plugins: %s}]".formatted(plugins, references),
        obliged(drawn));
  }

  private static List<Choice> draw(Random random, Class<? extends Plugin> kind, int count) {
    List<Choice> all = CHOICES.stream().filter(choice -> kind.isInstance(choice.sample())).toList();
    return Stream.generate(() -> all.get(random.nextInt(all.size()))).limit(count).toList();
  }

  private static Set<FactKey<?>> obliged(List<Choice> drawn) {
    Set<FactKey<?>> obliged = new HashSet<>();
    for (int i = 0; i < drawn.size(); i++) {
      Choice choice = drawn.get(i);
      Plugin named = built("p" + i, choice.type(), choice.parameters()).orElseThrow();
      for (FactKey<?> key : named.requires()) {
        if (Loading.REGISTRY.defaultProducerOf(key.toString()).isEmpty()) {
          obliged.add(key);
        }
      }
    }
    obliged.removeAll(LoadFields.ALL);
    return obliged;
  }
}
