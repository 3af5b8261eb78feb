package ai.llmd.epp.domain.health;

import java.util.concurrent.TimeUnit;

/**
 * Tells responses of one endpoint that were cut all at once, as by a server that dies, from those
 * that clients gave up one by one: at least {@value #MIN} that were open together, within a tenth
 * of a second, and at least four fifths of what was open there. A client may give up as many at
 * once, so that alone is no failure; it counts together with a request that fails before the
 * endpoint has answered another one. The caller locks.
 */
final class CutResponses {

  static final int MIN = 3;
  static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int MOST_OF = 5; // four of five
  private static final int MOST = 4;

  private boolean hasBegun;
  private long beganAtNanos;
  private long openAtFirst;
  private long mostOpen;
  private long cut;
  private boolean wasBurst;
  private long answersAtBurst;

  /**
   * Another response was cut.
   *
   * @param stillOpen requests at the endpoint that go on
   * @param answers of the endpoint, ever
   */
  void add(long stillOpen, long answers, long nowNanos) {
    if (!hasBegun || nowNanos - beganAtNanos > WINDOW_NANOS) {
      hasBegun = true;
      beganAtNanos = nowNanos;
      openAtFirst = stillOpen + 1;
      mostOpen = openAtFirst;
      cut = 0;
    }
    cut++;
    mostOpen = Math.max(mostOpen, stillOpen + cut);
    if (cut >= MIN && openAtFirst >= MIN && MOST_OF * cut >= MOST * mostOpen) {
      wasBurst = true;
      answersAtBurst = answers;
    }
  }

  /** Whether there was such a burst, and no answer since. */
  boolean wereAllCut(long answers) {
    return wasBurst && answers == answersAtBurst;
  }
}
