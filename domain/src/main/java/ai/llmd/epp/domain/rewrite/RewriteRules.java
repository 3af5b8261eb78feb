package ai.llmd.epp.domain.rewrite;

import ai.llmd.epp.domain.routing.RewriteOrigin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All rewrites of a pool, indexed by the model that a client names. Immutable; a lookup costs one
 * hash.
 *
 * <p>A rule that names the model beats one for every model. Among several the one of the oldest
 * rewrite counts, of equally old ones the one whose name comes first, within a rewrite the first.
 */
public final class RewriteRules {

  /** Nothing is rewritten. */
  public static final RewriteRules NONE = new RewriteRules(List.of());

  private static final Comparator<ModelRewrite> OLDEST_FIRST =
      Comparator.comparing(ModelRewrite::createdAt).thenComparing(ModelRewrite::name);

  private final Map<String, RewriteRule> exact = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private @Nullable RewriteRule generic; // written while being built

  private RewriteRules(List<ModelRewrite> oldestFirst) {
    for (ModelRewrite rewrite : oldestFirst) {
      for (int i = 0; i < rewrite.rules().size(); i++) {
        add(rewrite, i);
      }
    }
  }

  /**
   * Orders rewrites by precedence, the oldest first.
   *
   * @param rewrites of two with one name the later counts
   */
  public static RewriteRules of(Collection<ModelRewrite> rewrites) {
    Map<String, ModelRewrite> byName = new LinkedHashMap<>();
    rewrites.forEach(rewrite -> byName.put(rewrite.name(), rewrite));
    List<ModelRewrite> sorted = new ArrayList<>(byName.values());
    sorted.sort(OLDEST_FIRST);
    return sorted.isEmpty() ? NONE : new RewriteRules(sorted);
  }

  private void add(ModelRewrite rewrite, int index) {
    ModelRewrite.Rule declared = rewrite.rules().get(index);
    RewriteRule rule =
        new RewriteRule(new RewriteOrigin(rewrite.name(), index), declared.targets());
    declared.targets().forEach(target -> names.add(target.model()));
    if (declared.matches().isEmpty() && generic == null) {
      generic = rule;
    }
    for (ModelRewrite.Match match : declared.matches()) {
      if (match.model() != null) {
        exact.putIfAbsent(match.model(), rule);
        names.add(match.model());
      }
    }
  }

  /**
   * The rule for a model, or null when none applies.
   *
   * @param model as the client named it, compared exactly; empty when it named none
   */
  public @Nullable RewriteRule find(String model) {
    RewriteRule rule = exact.get(model);
    return rule != null ? rule : generic;
  }

  /** Every model that a rule names, as a condition or as a target. */
  public Set<String> modelNames() {
    return Set.copyOf(names);
  }
}
