package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers endpoints that hold much of the prompt, as their own cache events show: a {@code
 * prefix-cache-scorer} without parameters, bound to a producer of exact matches.
 */
public final class PrecisePrefixCacheScorer implements Scorer {

  private final PrefixCacheScorer scorer;

  /**
   * @param producer instance whose matches are read
   */
  public PrecisePrefixCacheScorer(String producer) {
    this.scorer = new PrefixCacheScorer(new PrefixCacheScorer.Parameters(producer, 0, 0));
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    return scorer.score(cycle);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return scorer.requires();
  }
}
