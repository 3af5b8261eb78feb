package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;

/**
 * Finds out facts about a request and its candidates before it is scheduled. A producer that throws
 * or spends its budget costs the request its facts, not its answer.
 */
public interface Producer extends Plugin {

  /**
   * Puts facts into {@code cycle.facts()}; the candidates are all that may serve the request. Runs
   * on the request's thread, which may be an event loop, and blocks on nothing: what has to wait is
   * returned as {@link Produced.Later}.
   */
  Produced produce(SchedulingCycle cycle);
}
