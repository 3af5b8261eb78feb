package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteSpec;
import ai.llmd.epp.adapter.k8s.api.PoolRef;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Match;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Rule;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Target;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What InferenceModelRewrite objects mean. An object that its CRD would not have let pass keeps the
 * meaning that it had before, if any. One thread.
 */
final class Rewrites {

  private static final Logger log = LoggerFactory.getLogger(Rewrites.class);

  private Map<String, ModelRewrite> lastValid = Map.of();
  private Map<String, String> lastProblems = Map.of();

  static boolean areAbout(WatchedPool.ByName pool, InferenceModelRewriteResource object) {
    PoolRef ref = object.getSpec() == null ? null : object.getSpec().poolRef();
    return ref != null && ref.isTo(pool.group(), pool.name());
  }

  /** By name, so that two lists of the same objects are equal. */
  List<ModelRewrite> of(List<InferenceModelRewriteResource> objects) {
    Map<String, ModelRewrite> valid = new HashMap<>();
    Map<String, String> problems = new HashMap<>();
    for (InferenceModelRewriteResource object : objects) {
      String name = object.getMetadata().getName();
      try {
        valid.put(name, rewrite(object));
      } catch (IllegalArgumentException e) {
        String problem = String.valueOf(e.getMessage());
        problems.put(name, problem);
        report(name, problem);
        Optional.ofNullable(lastValid.get(name)).ifPresent(before -> valid.put(name, before));
      }
    }
    lastValid = valid;
    lastProblems = problems;
    return valid.values().stream().sorted(Comparator.comparing(ModelRewrite::name)).toList();
  }

  private void report(String name, String problem) {
    if (!problem.equals(lastProblems.get(name))) {
      log.atError()
          .addKeyValue("rewrite", name)
          .addKeyValue("reason", problem)
          .log("InferenceModelRewrite is invalid, keeping its last valid version");
    }
  }

  private static ModelRewrite rewrite(InferenceModelRewriteResource object) {
    return new ModelRewrite(
        object.getMetadata().getName(),
        createdAt(object.getMetadata().getCreationTimestamp()),
        orNone(object.getSpec().rules()).stream().map(Rewrites::rule).toList());
  }

  private static Instant createdAt(@Nullable String timestamp) {
    try {
      return timestamp == null ? Instant.EPOCH : Instant.parse(timestamp);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("creationTimestamp is \"" + timestamp + '"', e);
    }
  }

  private static Rule rule(InferenceModelRewriteSpec.Rule rule) {
    return new Rule(
        orNone(rule.matches()).stream().map(Rewrites::match).toList(),
        orNone(rule.targets()).stream()
            .map(
                target ->
                    new Target(
                        Objects.requireNonNullElse(target.modelRewrite(), ""), target.weight()))
            .toList());
  }

  private static Match match(InferenceModelRewriteSpec.Match match) {
    return new Match(match.model() == null ? null : match.model().value());
  }

  private static <E> List<E> orNone(@Nullable List<E> list) {
    return list == null ? List.of() : list;
  }
}
