package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Candidates;

/**
 * Narrows the candidates of a request before anything is found out about them, for all profiles.
 * Every screener sees all candidates; those that each of them keeps go on.
 */
public interface Screener extends Plugin {

  /** Candidates of the cycle; may be none. */
  Candidates screen(SchedulingCycle cycle);
}
