package ai.llmd.epp.domain.routing;

import java.util.Map;

/**
 * Follows the response of one routed request. Called from the request's stream, in order, each
 * method once at most; {@link #onEnd} always, last, whatever happens.
 */
public interface ResponseObserver {

  /** The model server's headers have come; the observer may add some for the client. */
  default void onHeaders(ResponseHead head) {}

  /** The first bytes of the response have come. */
  default void onFirstBytes() {}

  /**
   * The model server may keep its answer, under this id; comes as soon as that is read.
   *
   * @param id not empty; it may be a credential
   */
  default void onAnswerId(String id) {}

  /**
   * The request is over; whatever was counted for it is released here.
   *
   * @return metadata for the gateway, by namespace and key; values are strings or doubles
   */
  default Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    return Map.of();
  }
}
