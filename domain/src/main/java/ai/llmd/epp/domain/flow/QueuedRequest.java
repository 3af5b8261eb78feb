package ai.llmd.epp.domain.flow;

import org.jspecify.annotations.Nullable;

/**
 * A request that waits for its turn: what the policies look at, and its places in the queues. Times
 * are in nanoseconds since one start, 0 or more. Belongs to its {@link FlowQueues}.
 */
public class QueuedRequest {

  /** A time that does not come. */
  public static final long NEVER = Long.MAX_VALUE;

  private final String fairnessId;
  private final int priority;
  private final long bytes;
  private final long receivedAt;
  private final long firstTokenDue;

  // set by FlowQueues
  private long enqueuedAt;
  private long ttl;
  private long latestExpiry = NEVER;
  private long expiresAt = NEVER;
  private long sequence;
  @Nullable FlowQueue queue;
  int placeInFlow = IndexedHeap.ABSENT;
  int placeByExpiry = IndexedHeap.ABSENT;

  /**
   * @param fairnessId whose turn it is; never empty
   * @param priority that of a band that exists, or else of none
   * @param bytes size of the body, 0 or more
   * @param receivedAt when the request came
   * @param firstTokenDue when the client expects the first token; {@link #NEVER} if it did not say
   */
  public QueuedRequest(
      String fairnessId, int priority, long bytes, long receivedAt, long firstTokenDue) {
    this.fairnessId = fairnessId;
    this.priority = priority;
    this.bytes = bytes;
    this.receivedAt = receivedAt;
    this.firstTokenDue = firstTokenDue;
  }

  public final String fairnessId() {
    return fairnessId;
  }

  /** The priority of its band. */
  public final int priority() {
    return priority;
  }

  /** Size of the body. */
  public final long bytes() {
    return bytes;
  }

  public final long receivedAt() {
    return receivedAt;
  }

  /** When the client expects the first token; {@link #NEVER} if it did not say. */
  public final long firstTokenDue() {
    return firstTokenDue;
  }

  public final long enqueuedAt() {
    return enqueuedAt;
  }

  /** How long it may wait while the pool has endpoints; 0 is without a limit. */
  public final long ttl() {
    return ttl;
  }

  /** When its time to live is over; {@link #NEVER} without one. */
  public final long deadline() {
    return ttl <= 0 ? NEVER : plus(enqueuedAt, ttl);
  }

  /** The order in which requests came to the queues: decides where policies see no difference. */
  public final long sequence() {
    return sequence;
  }

  /** Whether it waits in a queue. */
  public final boolean isQueued() {
    return queue != null;
  }

  final void enqueued(FlowQueue in, long at, long timeToLive, long latest, long number) {
    queue = in;
    enqueuedAt = at;
    ttl = timeToLive;
    latestExpiry = latest;
    sequence = number;
  }

  final long expiresAt() {
    return expiresAt;
  }

  /**
   * @param since when the pool became what it is
   * @param budget how long the request may wait in such a pool; 0 is without a limit
   */
  final void expire(long since, long budget) {
    long ends = budget <= 0 ? NEVER : plus(Math.max(enqueuedAt, since), budget);
    expiresAt = Math.min(ends, latestExpiry);
  }

  /** The sum; {@link #NEVER} where it would be later. */
  static long plus(long time, long nanos) {
    long sum = time + nanos;
    return sum < 0 ? NEVER : sum;
  }
}
