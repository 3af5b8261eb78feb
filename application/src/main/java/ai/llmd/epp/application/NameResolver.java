package ai.llmd.epp.application;

import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.rewrite.RewriteRule;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the names in a request stand for: which model serves it, and how important it is.
 * Any thread.
 *
 * @param random safe for use by many threads
 */
public record NameResolver(
    LiveRewrites rewrites, LiveObjectives objectives, RandomGenerator random) {

  /**
   * What a request comes to.
   *
   * @param targetModel model to be served; empty when there is none
   * @param priority below 0 means sheddable
   * @param resolution the objective and the rewrite that this is owed to
   */
  record Resolved(String targetModel, int priority, Resolution resolution) {}

  /**
   * The rule for the client's model decides, whatever the rewrite header holds; else that header,
   * else the client's model. A body that cannot be changed keeps its model, so no rule applies.
   */
  Resolved resolve(ReceivedRequest request) {
    @Nullable RewriteRule rule =
        request.body().isModelRewritable() ? rewrites.current().find(request.body().model()) : null;
    String target = rule != null ? rule.choose(random) : withoutRule(request);
    @Nullable RewriteOrigin origin = rule == null ? null : rule.origin();
    String asked = request.hints().objective();
    if (asked.isEmpty()) {
      Resolution resolution = origin == null ? Resolution.NONE : new Resolution("", false, origin);
      return new Resolved(target, 0, resolution);
    }
    @Nullable InferenceObjective objective = objectives.find(asked);
    return new Resolved(
        target, priority(objective), new Resolution(asked, objective != null, origin));
  }

  private static int priority(@Nullable InferenceObjective objective) {
    return objective == null || objective.priority() == null ? 0 : objective.priority();
  }

  /** The priority of requests that name an objective, or none: below 0 means sheddable. */
  int priority(String objective) {
    return objective.isEmpty() ? 0 : priority(objectives.find(objective));
  }

  private static String withoutRule(ReceivedRequest request) {
    String hinted = request.hints().targetModel();
    return request.body().isModelRewritable() && hinted.isEmpty() ? request.body().model() : hinted;
  }
}
