package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;

/**
 * Finds out facts about a request before it is scheduled. Runs on the request's thread and blocks
 * on nothing. A producer that throws costs the request its facts, not its answer.
 */
public interface Producer extends Plugin {

  /** Puts facts into {@code cycle.facts()}; the candidates are all that may serve the request. */
  void produce(SchedulingCycle cycle);
}
