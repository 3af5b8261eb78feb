package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Candidates;

/** Decides which candidates may serve a request. A pure function of the cycle. */
public interface Filter extends Plugin {

  /** Candidates of the cycle, in the order in which the next step shall see them; may be none. */
  Candidates filter(SchedulingCycle cycle);
}
