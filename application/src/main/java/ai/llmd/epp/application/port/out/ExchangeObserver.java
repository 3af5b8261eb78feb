package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Usage;
import org.jspecify.annotations.Nullable;

/**
 * Receives the outcome of every ext-proc exchange, to count and to time it. Called from event
 * loops: never blocks, never throws.
 */
public interface ExchangeObserver {

  /** An observer that does not care; for tests. */
  ExchangeObserver NONE =
      new ExchangeObserver() {
        @Override
        public void requestHandled(long nanos) {}

        @Override
        public void bodyParsed(String parserType, String parserName, long nanos) {}

        @Override
        public RoutedExchange routed(RequestLabels labels, long forwardedBytes) {
          return RoutedExchange.NONE;
        }

        @Override
        public void failed(@Nullable RequestLabels labels, String errorCode) {}

        @Override
        public void streamStarted() {}

        @Override
        public void streamEnded(String grpcCode, long nanos) {}
      };

  /** Once per request phase, refused ones included: from arrival to answer. */
  void requestHandled(long nanos);

  /** A parser has read a request body. */
  void bodyParsed(String parserType, String parserName, long nanos);

  /** A request with a body has been routed. Not called for header-only requests. */
  RoutedExchange routed(RequestLabels labels, long forwardedBytes);

  /**
   * The response of a request that is not counted, since it had no body or this stream has not seen
   * it.
   */
  default RoutedExchange followed(RequestLabels labels) {
    return RoutedExchange.NONE;
  }

  /**
   * A stream ended with an error.
   *
   * @param labels null when nothing of the request is known
   * @param errorCode {@code BadRequest}, {@code ServiceUnavailable} …, or {@code ModelServerError}
   */
  void failed(@Nullable RequestLabels labels, String errorCode);

  void streamStarted();

  /**
   * A stream is over.
   *
   * @param grpcCode in camel case, as in {@code OK}, {@code Canceled}
   */
  void streamEnded(String grpcCode, long nanos);

  /** The rest of a routed exchange. One stream's thread calls it. */
  interface RoutedExchange {

    /** An exchange without meters. */
    RoutedExchange NONE =
        new RoutedExchange() {
          @Override
          public void running() {}

          @Override
          public void usage(Usage whole) {}

          @Override
          public void chunkGap(long nanos) {}

          @Override
          public void completed(ResponseSummary summary) {}

          @Override
          public void ended(long responseProcessingNanos) {}
        };

    /** The routed body is on its way to the model server. */
    void running();

    /**
     * The response is over and had usage: the last of its numbers. At most once, before {@link
     * #completed}.
     */
    void usage(Usage whole);

    /** Time between two non-empty chunks of a streamed response. */
    void chunkGap(long nanos);

    /** The response came to its end. */
    void completed(ResponseSummary summary);

    /**
     * As {@link #completed(ResponseSummary)}, of a request that may have a trace.
     *
     * @param trace null when it is not recorded
     */
    default void completed(ResponseSummary summary, RequestTrace.@Nullable Ids trace) {
      completed(summary);
    }

    /**
     * The stream is over, completed or not; always the last call, exactly once.
     *
     * @param responseProcessingNanos time spent on the response; 0 when there was none
     */
    void ended(long responseProcessingNanos);
  }
}
