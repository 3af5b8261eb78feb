package ai.llmd.epp.configuration;

import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import java.util.Set;

/** Plugins that only a stranger would write, to see what the loader makes of them. */
final class OddPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(
        PluginType.of(
            "chicken-producer", () -> new Finder(Set.of(key("chicken")), Set.of(key("egg")))),
        PluginType.of("egg-producer", () -> new Finder(Set.of(key("egg")), Set.of(key("chicken")))),
        PluginType.of(
            "narcissus-producer", () -> new Finder(Set.of(key("self")), Set.of(key("self")))),
        PluginType.of(
            "counting-scorer",
            () -> new Reading(Set.of(new FactKey<>("late", "x", Integer.class)), Set.of())),
        PluginType.of("late-scorer", () -> new LateScorer("late")),
        PluginType.of("early-producer", () -> new Finder(Set.of(), Set.of(key("late")))),
        PluginType.of("experimental-scorer", () -> new LateScorer("later")).alpha(),
        PluginType.of("curious-scorer", () -> new Reading(Set.of(), Set.of(key("late")))),
        PluginType.of("shy-scorer", () -> new Reading(Set.of(key("shy")), Set.of())),
        PluginType.of("shy-producer", () -> new Finder(Set.of(key("shy")), Set.of(key("coy"))))
            .alpha()
            .producingByDefault("shy/x"),
        PluginType.of("coy-producer", () -> new Finder(Set.of(key("coy")), Set.of()))
            .producingByDefault("coy/x"),
        PluginType.of("janus", Janus::new),
        PluginType.withContext(
            "obliging-extractor",
            new NoParameters(),
            (ignored, context) -> context.service(Obliging.class)),
        PluginType.of(
            "stillborn-scorer",
            () -> {
              throw new IllegalStateException("no luck today");
            }));
  }

  private static FactKey<String> key(String dataType) {
    return new FactKey<>(dataType, "x", String.class);
  }

  /** Claims to produce whatever is configured, beside the requests; a service of the test. */
  record Obliging(Set<FactKey<?>> produces) implements Plugin {}

  private record Finder(Set<FactKey<?>> produces, Set<FactKey<?>> requires) implements Producer {

    @Override
    public Produced produce(SchedulingCycle cycle) {
      return Produced.NOW;
    }
  }

  private record Reading(Set<FactKey<?>> requires, Set<FactKey<?>> uses) implements Scorer {

    @Override
    public Scores score(SchedulingCycle cycle) {
      return Scores.all(cycle, 1);
    }
  }

  /** Two faces: a filter and a scorer. */
  private record Janus() implements Filter, Scorer {

    @Override
    public Candidates filter(SchedulingCycle cycle) {
      return cycle.candidates();
    }

    @Override
    public Scores score(SchedulingCycle cycle) {
      return Scores.all(cycle, 1);
    }
  }

  private record LateScorer(String dataType) implements Scorer {

    @Override
    public Scores score(SchedulingCycle cycle) {
      return Scores.all(cycle, 1);
    }

    @Override
    public Set<FactKey<?>> produces() {
      return Set.of(key(dataType));
    }
  }
}
