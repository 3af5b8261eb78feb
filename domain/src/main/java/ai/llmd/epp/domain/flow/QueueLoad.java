package ai.llmd.epp.domain.flow;

/**
 * What is queued in a priority band, or of one of its flows.
 *
 * @param requests 0 or more
 * @param bytes of their bodies, 0 or more
 * @param turnsPerSecond how fast requests have left the queue lately, see {@link DrainRate}; 0 or
 *     more
 */
public record QueueLoad(long requests, long bytes, double turnsPerSecond) {

  /** Nothing is queued. */
  public static final QueueLoad NONE = new QueueLoad(0, 0, 0);

  /** Turns a second below which a queue that is empty is not worth knowing. */
  static final double FORGOTTEN = 0.001;

  /** A queue that no request has left lately. */
  public QueueLoad(long requests, long bytes) {
    this(requests, bytes, 0);
  }

  /** Whether there is nothing worth knowing: no request waits, and none has left it lately. */
  public boolean isIdle() {
    return requests == 0 && turnsPerSecond < FORGOTTEN;
  }

  /** Both together. */
  public QueueLoad plus(QueueLoad other) {
    return new QueueLoad(
        sum(requests, other.requests),
        sum(bytes, other.bytes),
        turnsPerSecond + other.turnsPerSecond);
  }

  /** The same after this time, in nanoseconds, in which no request has left. */
  public QueueLoad after(long nanos) {
    return new QueueLoad(requests, bytes, DrainRate.decayed(turnsPerSecond, nanos));
  }

  private static long sum(long first, long second) {
    long sum = first + second;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
