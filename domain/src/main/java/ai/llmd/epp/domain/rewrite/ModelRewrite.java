package ai.llmd.epp.domain.rewrite;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules that replace the model of a request, as an InferenceModelRewrite object or a file defines
 * them them.
 *
 * @param name unique in the pool
 * @param createdAt of several objects the oldest wins
 * @param rules in order of declaration
 */
public record ModelRewrite(String name, Instant createdAt, List<Rule> rules) {

  public ModelRewrite {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a rewrite must have a name");
    }
    rules = List.copyOf(rules);
  }

  /**
   * One rule.
   *
   * @param matches any of them may hold; none at all means every model
   * @param targets what to serve instead; none refuses the request
   */
  public record Rule(List<Match> matches, List<Target> targets) {

    public Rule {
      matches = List.copyOf(matches);
      targets = List.copyOf(targets);
    }

    /** Whether some targets have a weight and others, which are never chosen, have none. */
    public boolean isPartlyWeighted() {
      return targets.stream().anyMatch(target -> target.weight() != null)
          && targets.stream().anyMatch(target -> target.weight() == null);
    }
  }

  /**
   * A condition.
   *
   * @param model the client's model, compared exactly; null never holds
   */
  public record Match(@Nullable String model) {}

  /**
   * A model to serve instead.
   *
   * @param weight 1 to 1,000,000, relative to the rule's other targets; null when missing
   */
  public record Target(String model, @Nullable Integer weight) {

    public Target {
      if (weight != null && (weight < 1 || weight > 1_000_000)) {
        throw new IllegalArgumentException("weight must be within 1 and 1000000, was " + weight);
      }
    }
  }
}
