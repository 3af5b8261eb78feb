package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.InferenceRequest;

/**
 * Finds out facts that depend on the request alone, such as the ids of its tokens, before it is
 * admitted and before its candidates are known: what waits here makes no candidate stale. One that
 * throws or spends its budget costs the request its facts, not its answer.
 */
public interface RequestProducer extends Plugin {

  /**
   * Puts facts. Runs on the request's thread, which may be an event loop, and blocks on nothing:
   * what has to wait is returned as {@link Produced.Later}.
   */
  Produced produce(InferenceRequest request, Facts facts);
}
