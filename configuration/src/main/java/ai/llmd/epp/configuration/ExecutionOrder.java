package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.EffectiveConfiguration.Scheduling;
import ai.llmd.epp.configuration.EffectiveConfiguration.Stages;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Shows in which order the plugins of a configuration see a request. */
final class ExecutionOrder {

  private final EffectiveConfiguration configuration;

  ExecutionOrder(EffectiveConfiguration configuration) {
    this.configuration = configuration;
  }

  /** One line for each step. */
  List<String> sentences() {
    Stages stages = configuration.stages();
    Scheduling scheduling = configuration.scheduling();
    List<String> lines = new ArrayList<>();
    lines.add("What runs for a request, in this order:");
    lines.add("- request parsers, the first whose path fits: " + names(configuration.parsers()));
    lines.add("- request identifiers: " + names(stages.identifiers()));
    if (!stages.requestProducers().isEmpty()) {
      lines.add("- request data producers: " + names(stages.requestProducers()));
    }
    lines.add("- saturation detector: " + stages.saturationDetector().name());
    if (!stages.screeners().isEmpty()) {
      lines.add("- screeners: " + names(stages.screeners()));
    }
    lines.add("- data producers: " + names(stages.producers()));
    if (!stages.admitters().isEmpty()) {
      lines.add("- admitters: " + names(stages.admitters()));
    }
    lines.add("- profiles, as " + scheduling.profileHandler().name() + " chooses");
    scheduling.profiles().forEach(profile -> lines.add(sentence(profile)));
    lines.add("- pre-request plugins: " + names(stages.preRequests()));
    lines.add("- response: what the pre-request plugins follow, in the same order");
    return lines;
  }

  private static String sentence(SchedulingProfile profile) {
    return "  - %s: filters %s; scorers %s; picker %s"
        .formatted(
            profile.name(),
            names(profile.filters()),
            orNone(profile.scorers().stream().map(ExecutionOrder::weighted).toList()),
            profile.picker().name());
  }

  private static String weighted(WeightedScorer scorer) {
    return scorer.scorer().name() + " × " + YamlWriter.numeral(scorer.weight());
  }

  private static String names(List<? extends Named<?>> plugins) {
    return orNone(plugins.stream().map(Named::name).toList());
  }

  private static String orNone(List<String> names) {
    return names.isEmpty() ? "none" : names.stream().collect(Collectors.joining(", "));
  }
}
