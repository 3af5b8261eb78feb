package ai.llmd.epp.adapter.admin.server;

import java.time.Duration;

/**
 * What all readers together may use up.
 *
 * @param connections at once
 * @param answerBytes of bodies that wait for their readers
 * @param askWithin from the connection, or from the last answer, to the end of the next request
 * @param takenWithin for each piece of an answer
 */
record Limits(int connections, long answerBytes, Duration askWithin, Duration takenWithin) {

  private static final int MIN_CONNECTIONS = 64;
  private static final int MAX_CONNECTIONS = 1000;
  private static final long MIN_ANSWER_BYTES = 16L << 20;

  /** Longer than the usual time between two scrapes, which come by one connection. */
  private static final Duration ASK_WITHIN = Duration.ofSeconds(75);

  private static final Duration TAKEN_WITHIN = Duration.ofSeconds(30);

  /**
   * Those of a heap: a connection with TLS costs some 100 KiB, a page of metrics as much.
   *
   * @param heapBytes at most
   */
  static Limits of(long heapBytes) {
    return new Limits(
        (int) Math.clamp(heapBytes >> 20, MIN_CONNECTIONS, MAX_CONNECTIONS),
        Math.max(MIN_ANSWER_BYTES, heapBytes / 16),
        ASK_WITHIN,
        TAKEN_WITHIN);
  }
}
