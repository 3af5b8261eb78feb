package ai.llmd.epp.domain.flow;

/**
 * What is queued in a priority band, or of one of its flows, and what the flow was served.
 *
 * @param requests 0 or more
 * @param bytes of their bodies, 0 or more
 * @param turnsPerSecond how fast requests have left the queue lately, see {@link DrainRate}; 0 or
 *     more
 * @param servedTokens of a flow whose {@link AttainedService} is counted; 0 or more
 */
public record QueueLoad(long requests, long bytes, double turnsPerSecond, double servedTokens) {

  /** Nothing is queued, and nothing was served. */
  public static final QueueLoad NONE = new QueueLoad(0, 0, 0);

  /** Service below which a flow counts as not served. */
  public static final double FORGOTTEN_TOKENS = 1;

  /** Turns a second below which a queue that is empty is not worth knowing. */
  static final double FORGOTTEN = 0.001;

  /** A queue that no request has left lately. */
  public QueueLoad(long requests, long bytes) {
    this(requests, bytes, 0);
  }

  /** A queue of which it is not counted what it was served. */
  public QueueLoad(long requests, long bytes, double turnsPerSecond) {
    this(requests, bytes, turnsPerSecond, 0);
  }

  /** A flow that was served this; what is queued of it is not counted. */
  public static QueueLoad served(double tokens) {
    return new QueueLoad(0, 0, 0, tokens);
  }

  /** Whether there is nothing worth knowing: no request waits, and none has left it lately. */
  public boolean isIdle() {
    return requests == 0 && turnsPerSecond < FORGOTTEN && servedTokens < FORGOTTEN_TOKENS;
  }

  /** Both together. */
  public QueueLoad plus(QueueLoad other) {
    return new QueueLoad(
        sum(requests, other.requests),
        sum(bytes, other.bytes),
        turnsPerSecond + other.turnsPerSecond,
        servedTokens + other.servedTokens);
  }

  /** The same after this time, in nanoseconds, in which no request has left. */
  public QueueLoad after(long nanos) {
    return new QueueLoad(requests, bytes, DrainRate.decayed(turnsPerSecond, nanos), servedTokens);
  }

  private static long sum(long first, long second) {
    long sum = first + second;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
