package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A profile as a configuration has it: one list of references, from which its filters and its
 * scorers come in their order. A plugin that is both is named once.
 */
final class ProfileTree {

  private final List<Map<String, Object>> references = new ArrayList<>();
  private final Deque<WeightedScorer> scorers;

  private ProfileTree(List<WeightedScorer> scorers) {
    this.scorers = new ArrayDeque<>(scorers);
  }

  static Map<String, Object> of(SchedulingProfile profile) {
    ProfileTree tree = new ProfileTree(profile.scorers());
    profile.filters().forEach(tree::filter);
    tree.scorers.forEach(tree::scorer);
    tree.picker(profile.picker().name());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", profile.name());
    fields.put("plugins", tree.references);
    return fields;
  }

  /** A filter; one that scores as well comes behind the scorers that were named before it. */
  private void filter(Named<Filter> filter) {
    if (!PluginKind.SCORER.includes(filter.plugin())) {
      reference(filter.name());
      return;
    }
    WeightedScorer next;
    do {
      next = scorers.removeFirst();
      scorer(next);
    } while (!next.scorer().name().equals(filter.name()));
  }

  private void scorer(WeightedScorer scorer) {
    reference(scorer.scorer().name()).put("weight", scorer.weight());
  }

  private void picker(String name) {
    boolean isNamed =
        references.stream().anyMatch(reference -> name.equals(reference.get("pluginRef")));
    if (!isNamed) {
      reference(name);
    }
  }

  private Map<String, Object> reference(String name) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("pluginRef", name);
    references.add(fields);
    return fields;
  }
}
