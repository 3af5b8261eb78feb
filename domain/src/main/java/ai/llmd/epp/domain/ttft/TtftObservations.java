package ai.llmd.epp.domain.ttft;

import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import java.util.Arrays;

/*
 * The idea: the times to the first token of one endpoint in a ring, each with the requests that
 * were in flight there. Every interval the recent ones are sorted once, and give two points of a
 * curve: a low time and a typical one, each with the load at which such times were seen. The time
 * of an idle server, which is seen seldom, is looked for over a longer time: of each minute ("bucket")
 * the fast end counts as one, and of these the fast end is the floor. When the history is full the
 * slowest bucket leaves, so a busy hour does not raise the floor.
 *
 * An observation costs a write into three arrays; sorting costs some microseconds, once in an
 * interval, on the thread of the response that finds it due.
 */

/**
 * How long one endpoint took to its first tokens. Any thread: writing takes a lock of the
 * endpoint's own, reading never waits.
 */
public final class TtftObservations {

  private static final int FIRST_KEPT = 64;
  private static final double FAST_END = 10; // percentile
  private static final double AROUND = 10; // percentile points
  private static final double NANOS_PER_SECOND = 1e9;

  private final ObservationRules rules;

  // guarded by this: the ring, oldest first from `first` on
  private float[] seconds = new float[0];
  private int[] inFlight = new int[0];
  private long[] atNanos = new long[0];
  private int first;
  private int size;
  private long all;

  // guarded by this
  private double[] fastEnds = new double[0]; // of buckets, ascending
  private int buckets;
  private long bucketBegan;
  private long computedAt;

  private volatile long nextExpiry = Long.MAX_VALUE; // of what is published; MAX for never
  private volatile Percentiles current;

  public TtftObservations(ObservationRules rules) {
    this.rules = rules;
    this.current = Percentiles.unknown(rules.minObservations());
  }

  /**
   * One answer's first token came.
   *
   * @param ttftNanos since the request was sent; 0 or more
   * @param inFlight requests that were in flight when it was sent
   * @param nowNanos as {@link System#nanoTime()}
   */
  public synchronized void add(long ttftNanos, long inFlight, long nowNanos) {
    if (all == 0) {
      bucketBegan = nowNanos;
      computedAt = nowNanos - rules.every().toNanos();
    }
    closeBucket(nowNanos);
    append((float) (ttftNanos / NANOS_PER_SECOND), inFlight, nowNanos);
    all++;
    if (nowNanos - computedAt >= rules.every().toNanos()) {
      compute(nowNanos);
    }
  }

  /** What is known. */
  public Percentiles at(long nowNanos) {
    long expiry = nextExpiry;
    if (expiry != Long.MAX_VALUE && nowNanos - expiry >= 0) {
      expire(nowNanos);
    }
    return current;
  }

  /** Recent observations have grown old without newer ones. */
  private synchronized void expire(long nowNanos) {
    if (nextExpiry != Long.MAX_VALUE && nowNanos - nextExpiry >= 0) {
      closeBucket(nowNanos);
      compute(nowNanos);
    }
  }

  private void append(float ttft, long load, long nowNanos) {
    if (size == seconds.length && size < rules.maxKept()) {
      grow();
    }
    int at = (first + size) % seconds.length;
    if (size == seconds.length) {
      first = (first + 1) % seconds.length;
    } else {
      size++;
    }
    seconds[at] = ttft;
    inFlight[at] = (int) Math.clamp(load, 0, Integer.MAX_VALUE);
    atNanos[at] = nowNanos;
  }

  /** The ring is full, and begins at its first place therefore, or is not wrapped yet. */
  private void grow() {
    int more = Math.min(rules.maxKept(), Math.max(FIRST_KEPT, 2 * size));
    seconds = Arrays.copyOf(seconds, more);
    inFlight = Arrays.copyOf(inFlight, more);
    atNanos = Arrays.copyOf(atNanos, more);
  }

  private int place(int age) {
    return (first + size - 1 - age) % seconds.length;
  }

  private void closeBucket(long nowNanos) {
    long length = rules.bucket().toNanos();
    if (nowNanos - bucketBegan < length) {
      return;
    }
    int count = newerThan(bucketBegan, size);
    if (count > 0) {
      keepFastEnd(percentile(sorted(count), FAST_END));
    }
    bucketBegan += (nowNanos - bucketBegan) / length * length;
  }

  /** How many of the newest observations are not from before a time, at most so many. */
  private int newerThan(long nanos, int most) {
    int count = 0;
    while (count < most && atNanos[place(count)] - nanos >= 0) {
      count++;
    }
    return count;
  }

  private void keepFastEnd(double fastEnd) {
    if (buckets == rules.maxBuckets()) {
      buckets--; // the slowest
    } else if (buckets == fastEnds.length) {
      int more = Math.min(rules.maxBuckets(), Math.max(FIRST_KEPT, 2 * buckets));
      fastEnds = Arrays.copyOf(fastEnds, more);
    }
    int at = Arrays.binarySearch(fastEnds, 0, buckets, fastEnd);
    at = at < 0 ? -at - 1 : at;
    System.arraycopy(fastEnds, at, fastEnds, at + 1, buckets - at);
    fastEnds[at] = fastEnd;
    buckets++;
  }

  private void compute(long nowNanos) {
    computedAt = nowNanos;
    int recent = newerThan(nowNanos - rules.maxAge().toNanos(), Math.min(size, rules.maxRecent()));
    long[] sorted = sorted(recent);
    double windowFloor = recent == 0 ? 0 : percentile(sorted, FAST_END);
    double floor = buckets == 0 ? windowFloor : percentile(fastEnds, buckets, FAST_END);
    boolean isAnyRecent = recent > 0;
    current =
        new Percentiles(
            all < rules.minObservations() ? 0 : floor,
            windowFloor,
            isAnyRecent ? percentile(sorted, rules.lowPercentile()) : 0,
            isAnyRecent ? percentile(sorted, rules.typicalPercentile()) : 0,
            isAnyRecent ? loadAround(sorted, rules.lowPercentile()) : 0,
            isAnyRecent ? loadAround(sorted, rules.typicalPercentile()) : 0,
            recent,
            all,
            rules.minObservations());
    nextExpiry =
        isAnyRecent
            ? Math.max(
                atNanos[place(recent - 1)] + rules.maxAge().toNanos() + 1,
                nowNanos + rules.every().toNanos())
            : Long.MAX_VALUE;
  }

  /** The newest observations, fastest first: the time's bits above the load's. */
  private long[] sorted(int count) {
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      int at = place(i);
      // the bits of floats that are not negative are in the order of the floats
      sorted[i] = ((long) Float.floatToIntBits(seconds[at]) << Integer.SIZE) | inFlight[at];
    }
    Arrays.sort(sorted);
    return sorted;
  }

  private static double secondsOf(long observation) {
    return Float.intBitsToFloat((int) (observation >> Integer.SIZE));
  }

  private static double percentile(long[] sorted, double percent) {
    double at = percent / 100 * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    double lower = secondsOf(sorted[below]);
    return lower + (at - below) * (secondsOf(sorted[above]) - lower);
  }

  private static double percentile(double[] sorted, int count, double percent) {
    double at = percent / 100 * (count - 1);
    int below = (int) at;
    int above = Math.min(below + 1, count - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /** Mean of the loads at which times around a percentile were seen. */
  private static double loadAround(long[] sorted, double percent) {
    double last = sorted.length - 1;
    int from = (int) Math.ceil(Math.max(0, percent - AROUND) / 100 * last);
    int to = (int) Math.floor(Math.min(100, percent + AROUND) / 100 * last);
    if (to < from) { // so few that none is that near
      from = (int) Math.round(percent / 100 * last);
      to = from;
    }
    double sum = 0;
    for (int i = from; i <= to; i++) {
      sum += (int) sorted[i];
    }
    return sum / (to - from + 1);
  }
}
