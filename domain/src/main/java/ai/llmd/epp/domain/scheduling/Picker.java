package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Candidates;

/** Chooses among the candidates by their weighted sums. */
public interface Picker extends Plugin {

  /**
   * Chooses one endpoint and its fallbacks.
   *
   * @param totals weighted sums; every candidate of the cycle has one
   * @return at least one candidate of the cycle, the first choice first, fallbacks behind it
   */
  Candidates pick(SchedulingCycle cycle, Scores totals);
}
