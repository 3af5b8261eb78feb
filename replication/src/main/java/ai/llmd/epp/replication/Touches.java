package ai.llmd.epp.replication;

import java.util.concurrent.TimeUnit;

/**
 * Decides when others are told in full of a prompt whose beginning its endpoint held already. They
 * know that beginning; being told of it now and then keeps it from being evicted there while it is
 * used here, and mends whatever went wrong. The index writer's thread only.
 */
final class Touches {

  private static final int ENTRIES = 1 << 14;
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Bound on what is said for this alone; 1 MiB a second, of which a second may be saved up. */
  private static final long BYTES_PER_SECOND = 1 << 20;

  private final long[] fronts = new long[ENTRIES];
  private final long[] toldAtNanos = new long[ENTRIES];
  private double budget = BYTES_PER_SECOND;
  private long filledAtNanos;

  Touches(long nowNanos) {
    this.filledAtNanos = nowNanos;
  }

  /**
   * Whether it is time; it then counts as told.
   *
   * @param slot the endpoint's
   * @param front hash of the last block that the endpoint held already
   */
  boolean isDue(int slot, long front, long bytes, long nowNanos) {
    long key = front ^ (slot + 1L) * 0x9E3779B97F4A7C15L;
    int at = (int) (key ^ (key >>> 32)) & (ENTRIES - 1);
    if (fronts[at] == key && nowNanos - toldAtNanos[at] < INTERVAL_NANOS) {
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
    toldAtNanos[at] = nowNanos;
    return true;
  }
}
