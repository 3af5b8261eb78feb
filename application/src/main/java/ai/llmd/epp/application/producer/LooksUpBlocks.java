package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.routing.Evidence;
import org.jspecify.annotations.Nullable;

/**
 * A producer that asks an index which blocks of a prompt endpoints hold, and shows what it gave.
 */
public interface LooksUpBlocks {

  /**
   * What was found for a request.
   *
   * @param facts in which the producer has put its own
   * @return null when the prompt has no full block, or was not looked up
   */
  Evidence.@Nullable Lookup lookup(Facts facts);
}
