package ai.llmd.epp.sidecar.trace;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * The trace of one request. Ends with its exchange. That of a request which is not recorded is
 * {@link #NONE}: nothing is done then, and the client's trace headers go on as they are. Any
 * thread.
 */
public interface CallTrace {

  /** Records nothing. */
  CallTrace NONE = new CallTrace() {};

  /** Whether it is worth to find out what spans show. */
  default boolean isRecorded() {
    return false;
  }

  /**
   * Begins the span of a request that the picker may have chosen servers for.
   *
   * @param api as in metrics
   */
  default void forwarding(String api, String path) {}

  /** Adds an attribute of this request. */
  default void note(String name, String value) {}

  /** Adds an attribute of this request. */
  default void note(String name, long value) {}

  /** Adds an attribute of this request. */
  default void note(String name, boolean value) {}

  /** Makes a leg's headers lead to this request's span. */
  default void handOn(HttpHeaders headers) {}

  /**
   * Begins the stage that has media encoded; it has to be ended.
   *
   * @param items of the request
   */
  default StageSpan encode(int items) {
    return StageSpan.NONE;
  }

  /**
   * Begins the stage that has the prompt computed elsewhere; it has to be ended.
   *
   * @param target {@code host:port}
   * @param headers of the leg, which lead to the stage's span then
   * @param isAsync whether the answer is begun without waiting for it
   */
  default StageSpan prefill(String target, HttpHeaders headers, boolean isAsync) {
    return StageSpan.NONE;
  }

  /**
   * Begins the stage that answers; ends with the exchange unless it is ended before.
   *
   * @param isStreaming whether the client asked for a stream
   * @param isOfRank whether a header chose the model server
   */
  default StageSpan decode(String target, boolean isStreaming, boolean isOfRank) {
    return StageSpan.NONE;
  }

  /**
   * Begins the stage that answers in several pieces; ends with the exchange.
   *
   * @param size tokens of a piece
   */
  default StageSpan chunkedDecode(int size, boolean isStreaming) {
    return StageSpan.NONE;
  }
}
