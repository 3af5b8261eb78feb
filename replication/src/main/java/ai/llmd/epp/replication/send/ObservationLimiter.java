package ai.llmd.epp.replication.send;

import ai.llmd.epp.domain.latency.LatencyObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many times of requests are sent: a model follows what it is taught within a hundred of
 * them, and more teach it little. Any thread.
 */
final class ObservationLimiter {

  /** Of one endpoint and one kind in a second; endpoints that share a place share it, too. */
  static final int MAX_OF_ENDPOINT = 10;

  /** Of all in a second: some 40 KB. */
  static final int MAX_OF_ALL = 500;

  private static final int PLACES = 1 << 10;
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  // guarded by this
  private final int[] counts = new int[PLACES];
  private long since;
  private int count;

  ObservationLimiter(long nowNanos) {
    this.since = nowNanos;
  }

  /** Whether an observation is to be sent; it then counts as sent. */
  synchronized boolean isDue(EndpointId endpoint, LatencyObservation.Kind kind, long nowNanos) {
    if (nowNanos - since >= WINDOW_NANOS) {
      since = nowNanos;
      count = 0;
      Arrays.fill(counts, 0);
    }
    int hash =
        (31 * endpoint.hashCode() + (kind == LatencyObservation.Kind.FURTHER_TOKENS ? 1 : 0))
            * 0x9E3779B9;
    int place = hash >>> (Integer.SIZE - Integer.numberOfTrailingZeros(PLACES));
    if (count >= MAX_OF_ALL || counts[place] >= MAX_OF_ENDPOINT) {
      return false;
    }
    count++;
    counts[place]++;
    return true;
  }
}
