package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.Instances.Instance;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.configuration.plugin.PluginKind.Step;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who needs whose facts: creates default producers that are missing, and orders the plugins so that
 * every producer comes before its consumers. Unrelated plugins keep the order of their declaration.
 */
final class DataOrder {

  private final PluginRegistry registry;
  private final Instances instances;
  private final Problems problems;
  private final List<String> warnings;

  DataOrder(
      PluginRegistry registry, Instances instances, Problems problems, List<String> warnings) {
    this.registry = registry;
    this.instances = instances;
    this.problems = problems;
    this.warnings = warnings;
  }

  /**
   * Creates the default producers of required keys, and of what those require in turn. A key
   * without a default is refused even if a producer that is created for another key would bring it
   * along, and a default whose name is taken is left out: both as in the reference.
   */
  void createMissingProducers() {
    Map<String, Instance> hopeless = new LinkedHashMap<>();
    boolean hasProgressed;
    do {
      hasProgressed = false;
      for (Map.Entry<String, Instance> missing : missingKeys().entrySet()) {
        Optional<PluginType<?>> type = registry.defaultProducerOf(missing.getKey());
        if (type.isEmpty()) {
          hopeless.putIfAbsent(missing.getKey(), missing.getValue());
        } else if (!instances.has(type.get().name())) {
          instances.inject(
              type.get().name(),
              SourceLocation.unwritten("plugins"),
              "created because %s requires %s"
                  .formatted(missing.getValue().name(), missing.getKey()));
          hasProgressed = true;
        }
      }
    } while (hasProgressed);
    hopeless.forEach(this::reportMissing);
  }

  /** Required keys that no plugin produces, each with the first that wants it. */
  private Map<String, Instance> missingKeys() {
    Map<String, List<Instance>> producers = producersByKey();
    Map<String, Instance> missing = new LinkedHashMap<>();
    for (Instance consumer : instances.all()) {
      for (String key : sortedKeys(consumer.plugin().requires())) {
        if (!producers.containsKey(key)) {
          missing.putIfAbsent(key, consumer);
        }
      }
    }
    return missing;
  }

  private void reportMissing(String key, Instance consumer) {
    String producer = key.substring(key.lastIndexOf('/') + 1);
    boolean isBroken = instances.has(producer) && instances.get(producer).isEmpty();
    if (!isBroken) { // a producer that could not be built has been reported already
      problems.add(
          consumer.spot(),
          "plugin \"%s\" needs data \"%s\", which no plugin produces"
              .formatted(consumer.name(), key));
    }
  }

  /** Every instance, producers before their consumers. */
  List<Instance> sorted() {
    warnOfUnproducedUses();
    Map<Instance, Set<Instance>> needs = new LinkedHashMap<>();
    Map<String, List<Instance>> producers = producersByKey();
    for (Instance consumer : instances.all()) {
      Set<Instance> needed = new LinkedHashSet<>();
      for (FactKey<?> key : consumer.plugin().requires()) {
        for (Instance producer : producers.getOrDefault(key.toString(), List.of())) {
          check(consumer, producer, key);
          needed.add(producer);
        }
      }
      needs.put(consumer, needed);
    }
    List<Instance> order = new ArrayList<>();
    Set<Instance> done = new HashSet<>();
    for (Instance instance : needs.keySet()) {
      visit(instance, needs, done, new LinkedHashSet<>(), order);
    }
    return order;
  }

  private void visit(
      Instance instance,
      Map<Instance, Set<Instance>> needs,
      Set<Instance> done,
      Set<Instance> path,
      List<Instance> order) {
    if (done.contains(instance)) {
      return;
    }
    if (!path.add(instance)) {
      reportCycle(instance, path);
      return;
    }
    for (Instance needed : needs.getOrDefault(instance, Set.of())) {
      visit(needed, needs, done, path, order);
    }
    path.remove(instance);
    if (done.add(instance)) {
      order.add(instance);
    }
  }

  private void reportCycle(Instance start, Set<Instance> path) {
    List<String> names = new ArrayList<>(path.stream().map(Instance::name).toList());
    List<String> cycle = new ArrayList<>(names.subList(names.indexOf(start.name()), names.size()));
    cycle.add(start.name());
    problems.add(
        start.spot(), "plugins need each other's data in a circle: " + String.join(" → ", cycle));
  }

  private void check(Instance consumer, Instance producer, FactKey<?> wanted) {
    for (FactKey<?> made : producer.plugin().produces()) {
      if (made.toString().equals(wanted.toString()) && made.type() != wanted.type()) {
        problems.add(
            consumer.spot(),
            "plugin \"%s\" reads \"%s\" as %s, but \"%s\" produces %s"
                .formatted(
                    consumer.name(),
                    wanted,
                    wanted.type().getSimpleName(),
                    producer.name(),
                    made.type().getSimpleName()));
      }
    }
    if (runsAfter(producer.plugin(), consumer.plugin())) {
      problems.add(
          consumer.spot(),
          "plugin \"%s\" needs data \"%s\" before \"%s\" can produce it"
              .formatted(consumer.name(), wanted, producer.name()));
    }
  }

  /** Whether the one runs for a request at a later step than the other, or the other never. */
  private static boolean runsAfter(Plugin one, Plugin other) {
    Step step = PluginKind.firstStepOf(one);
    Step others = PluginKind.firstStepOf(other);
    return step != Step.ASIDE && (others == Step.ASIDE || step.compareTo(others) > 0);
  }

  private void warnOfUnproducedUses() {
    Map<String, List<Instance>> producers = producersByKey();
    for (Instance consumer : instances.all()) {
      for (String key : sortedKeys(consumer.plugin().uses())) {
        if (!producers.containsKey(key)) {
          warnings.add(
              "plugin \"%s\" would use data \"%s\", which no plugin produces"
                  .formatted(consumer.name(), key));
        }
      }
    }
  }

  private Map<String, List<Instance>> producersByKey() {
    Map<String, List<Instance>> producers = new LinkedHashMap<>();
    for (Instance producer : instances.all()) {
      for (FactKey<?> key : producer.plugin().produces()) {
        producers.computeIfAbsent(key.toString(), ignored -> new ArrayList<>()).add(producer);
      }
    }
    return producers;
  }

  /** Sets have no order of their own, and two starts shall not differ. */
  private static List<String> sortedKeys(Set<FactKey<?>> keys) {
    return keys.stream().map(FactKey::toString).sorted().toList();
  }
}
