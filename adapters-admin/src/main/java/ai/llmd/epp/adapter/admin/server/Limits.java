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

  private static final int FEWEST_CONNECTIONS = 64;
  private static final int MOST_CONNECTIONS = 1000;
  private static final long LEAST_ANSWER_BYTES = 16L << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Those of a heap: a connection with TLS costs some 100 KiB, a page of metrics as much.
   *
   * @param heapBytes at most
   */
  static Limits of(long heapBytes) {
    return new Limits(
        (int) Math.clamp(heapBytes >> 20, FEWEST_CONNECTIONS, MOST_CONNECTIONS),
        Math.max(LEAST_ANSWER_BYTES, heapBytes / 16),
        PATIENCE,
        PATIENCE);
  }
}
