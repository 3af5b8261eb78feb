package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request is worth a stage of its own, such as a prefill on another endpoint. A
 * pure function of its arguments; any thread.
 */
public interface Decider extends Plugin {

  /**
   * Whether the stage shall run.
   *
   * @param cycle the request with every candidate and what was found out about it
   * @param decode the endpoint that was picked to decode, or null when none is picked yet
   */
  boolean disaggregates(SchedulingCycle cycle, @Nullable Candidate decode);
}
