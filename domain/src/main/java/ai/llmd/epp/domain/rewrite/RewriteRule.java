package ai.llmd.epp.domain.rewrite;

import ai.llmd.epp.domain.routing.RewriteOrigin;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A rule that applies, ready to choose among its targets. Immutable. */
public final class RewriteRule {

  private final RewriteOrigin origin;
  private final String[] models;

  /** Of each target, the sum of its weight and those before it; without weight it adds nothing. */
  private final long[] bounds;

  private final long sum;

  RewriteRule(RewriteOrigin origin, List<ModelRewrite.Target> targets) {
    this.origin = origin;
    this.models = new String[targets.size()];
    this.bounds = new long[targets.size()];
    long reached = 0;
    for (int i = 0; i < models.length; i++) {
      models[i] = targets.get(i).model();
      @Nullable Integer weight = targets.get(i).weight();
      reached += weight == null ? 0 : weight;
      bounds[i] = reached;
    }
    this.sum = reached;
  }

  public RewriteOrigin origin() {
    return origin;
  }

  /**
   * A target by weight, or any when none has a weight; when only some have one, the others are
   * never chosen. Empty when there are no targets.
   */
  public String choose(RandomGenerator random) {
    if (models.length <= 1) {
      return models.length == 0 ? "" : models[0];
    }
    if (sum == 0) {
      return models[random.nextInt(models.length)];
    }
    long drawn = random.nextLong(sum);
    int chosen = 0;
    while (drawn >= bounds[chosen]) {
      chosen++;
    }
    return models[chosen];
  }
}
