package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.files.objects.ObjectFiles;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.LiveObjectives;
import ai.llmd.epp.application.LiveRewrites;
import ai.llmd.epp.application.NameResolver;
import ai.llmd.epp.application.port.in.KeepObjectives;
import ai.llmd.epp.application.port.in.KeepRewrites;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objectives and rewrites in force, wherever they come from; every configuration uses the same.
 */
final class KeptObjects implements KeepObjectives, KeepRewrites {

  private static final Logger log = LoggerFactory.getLogger(KeptObjects.class);

  private final LiveObjectives objectives = new LiveObjectives();
  private final LiveRewrites rewrites = new LiveRewrites();
  private final LabelLimits limits;
  private volatile Consumer<Set<Integer>> priorities = ignored -> {};

  /**
   * @param limits always shows the models that rewrites name
   */
  KeptObjects(LabelLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads the files that the options name.
   *
   * @return what follows them; to be closed
   */
  ObjectFiles load(Options options, SharedParts shared)
      throws InvalidDocumentException, IOException {
    return ObjectFiles.load(
        ServerSettings.objects(options), this, this, shared.meters().objectFiles);
  }

  NameResolver resolver(RandomGenerator random) {
    return new NameResolver(rewrites, objectives, random);
  }

  /**
   * Passes on the priorities of all objectives, at each change.
   *
   * @param newPriorities before any objective is known
   */
  void provision(Consumer<Set<Integer>> newPriorities) {
    priorities = newPriorities;
  }

  @Override
  public void keepObjectives(Collection<InferenceObjective> next) {
    Set<Integer> all = new HashSet<>();
    for (InferenceObjective objective : next) {
      if (objective.priority() != null) {
        all.add(objective.priority());
      }
    }
    priorities.accept(all); // first: a request of a new priority finds its band
    objectives.keepObjectives(next);
  }

  @Override
  public void keepRewrites(Collection<ModelRewrite> next) {
    rewrites.keepRewrites(next);
    limits.exemptModels(rewrites.current().modelNames());
    next.stream()
        .filter(rewrite -> rewrite.rules().stream().anyMatch(ModelRewrite.Rule::isPartlyWeighted))
        .forEach(
            rewrite ->
                log.atWarn()
                    .addKeyValue("rewrite", rewrite.name())
                    .log("targets without a weight are never chosen beside weighted ones"));
  }
}
