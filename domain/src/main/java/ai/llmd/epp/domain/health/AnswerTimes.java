package ai.llmd.epp.domain.health;

import java.util.concurrent.TimeUnit;

/**
 * How long the endpoints of a pool take until the headers of a response: a slowly forgotten
 * maximum, from which it follows how long a silence means nothing. Any thread; two that write at
 * once may lose one of both.
 */
public final class AnswerTimes {

  /** Answers before anything is concluded from them. */
  static final int MIN_ANSWERS = 20;

  /** So many answers make up for most of an old maximum. */
  private static final int MEMORY = 256;

  /** How the endpoint's answers to the picker's own polls look. */
  public enum Polls {
    /** They come: something is alive there, which may only be busy. */
    ANSWERED(10, 60),
    /** There are none at the port that serves requests. */
    NONE(4, 30),
    /** They fail to come, too. */
    UNANSWERED(1, 2);

    private final int factor;
    private final long minNanos;

    Polls(int factor, long minSeconds) {
      this.factor = factor;
      this.minNanos = TimeUnit.SECONDS.toNanos(minSeconds);
    }
  }

  private volatile long slowestNanos;
  private volatile int answers;

  /** The headers of a response came so long after the request was sent. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // an estimate
  public void answered(long nanos) {
    long slowest = slowestNanos;
    slowestNanos = nanos >= slowest ? nanos : slowest - (slowest - nanos) / MEMORY;
    if (answers < MIN_ANSWERS) {
      answers++;
    }
  }

  /** How long requests may go without any answer; {@link Long#MAX_VALUE} before that is known. */
  public long longestSilenceNanos(Polls polls) {
    return answers < MIN_ANSWERS
        ? Long.MAX_VALUE
        : Math.max(polls.minNanos, polls.factor * slowestNanos);
  }
}
