package ai.llmd.epp.replication.send;

import java.util.concurrent.TimeUnit;

/**
 * Limits how often a prompt is sent in full whose first blocks its endpoint held already. Peers
 * know those blocks; refreshing them now and then keeps them from being evicted there while they
 * are in use here, and repairs whatever went wrong. One thread at a time.
 */
final class PrefixRefreshLimiter {

  private static final int ENTRIES = 1 << 14;
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Bound on refreshes alone: 1 MiB per second, with a burst of one second. */
  private static final long BYTES_PER_SECOND = 1 << 20;

  private final long[] fronts = new long[ENTRIES];
  private final long[] sentAtNanos = new long[ENTRIES];
  private double budget = BYTES_PER_SECOND;
  private long filledAtNanos;

  PrefixRefreshLimiter(long nowNanos) {
    this.filledAtNanos = nowNanos;
  }

  /**
   * Whether a refresh is due; it then counts as sent.
   *
   * @param slot the endpoint's
   * @param front hash of the last block that the endpoint held already
   * @param bytes size of the refresh
   */
  boolean isDue(int slot, long front, long bytes, long nowNanos) {
    long key = front ^ (slot + 1L) * 0x9E3779B97F4A7C15L;
    int at = (int) (key ^ (key >>> 32)) & (ENTRIES - 1);
    if (fronts[at] == key && nowNanos - sentAtNanos[at] < INTERVAL_NANOS) {
      return false;
    }
    budget =
        Math.min(BYTES_PER_SECOND, budget + (nowNanos - filledAtNanos) / 1e9 * BYTES_PER_SECOND);
    filledAtNanos = nowNanos;
    if (budget < bytes) {
      return false;
    }
    budget -= bytes;
    fronts[at] = key;
    sentAtNanos[at] = nowNanos;
    return true;
  }
}
