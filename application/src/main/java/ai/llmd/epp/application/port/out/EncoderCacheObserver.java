package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.request.PromptPiece.Modality;

/**
 * Receives how often images, videos and sounds were encoded before, to count it. Called from event
 * loops: never blocks.
 */
@FunctionalInterface
public interface EncoderCacheObserver {

  /** An observer that does not care; for tests. */
  EncoderCacheObserver NONE = (producer, type) -> Lookups.NONE;

  /**
   * A producer begins its work.
   *
   * @param producer instance name of the plugin
   * @param type reported type of the plugin
   */
  Lookups producing(String producer, String type);

  /** The requests of one producer. Any thread. */
  interface Lookups {

    Lookups NONE =
        new Lookups() {
          @Override
          public void asked(Modality modality, int items) {}

          @Override
          public void held(EndpointId endpoint, Modality modality, int items) {}

          @Override
          public void compared(int matchedItems, int totalItems) {}
        };

    /** A request has items of this modality. */
    void asked(Modality modality, int items);

    /** An endpoint of the pool, candidate or not, is thought to hold items of a request. */
    void held(EndpointId endpoint, Modality modality, int items);

    /**
     * A candidate was looked at.
     *
     * @param matchedItems those of the request's items that it is thought to hold
     * @param totalItems above 0
     */
    void compared(int matchedItems, int totalItems);
  }
}
