package ai.llmd.epp.domain.objective;

import org.jspecify.annotations.Nullable;

/**
 * A named priority, which requests choose by header.
 *
 * @param name unique in the pool
 * @param priority higher is served first, below 0 may be shed; null counts as 0
 */
public record InferenceObjective(String name, @Nullable Integer priority) {

  public InferenceObjective {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an objective must have a name");
    }
  }
}
