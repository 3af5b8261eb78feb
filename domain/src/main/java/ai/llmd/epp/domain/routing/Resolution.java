package ai.llmd.epp.domain.routing;

import org.jspecify.annotations.Nullable;

/**
 * What the names in a request came to, as far as its labels do not show it.
 *
 * @param objective the InferenceObjective asked for; empty when none
 * @param isObjectiveKnown whether there is one of that name; without, the priority is 0
 * @param rewrite the rule by which the target model was chosen; null when none applied
 */
public record Resolution(
    String objective, boolean isObjectiveKnown, @Nullable RewriteOrigin rewrite) {

  /** The request named no objective, and no rule applied. */
  public static final Resolution NONE = new Resolution("", false, null);
}
