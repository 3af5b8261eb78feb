package ai.llmd.epp.application.port.out;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of replication that are the same for every store.
 *
 * @param flushInterval maximum batching delay before sending; readers pause half as long; 1 ms to 1
 *     s
 * @param lease how long a replica that sends nothing counts as alive, and its work in flight with
 *     it; 500 ms to 5 min, at least ten flush intervals
 * @param warmUpTimeout longest time that a new replica waits to catch up before it takes requests
 *     with partial state; 0 (does not wait) to 10 min
 * @param backlogBytes bound on batches waiting for a store that cannot be reached; the oldest are
 *     dropped first; 64 KiB to 1 GiB
 * @param retention how long the log keeps its entries; 5 s to 1 h, at least two leases
 * @param hashSecret keys the block hashes in the store; null leaves them as they are
 */
public record ReplicationSettings(
    Duration flushInterval,
    Duration lease,
    Duration warmUpTimeout,
    long backlogBytes,
    Duration retention,
    @Nullable HashSecret hashSecret) {

  public static final ReplicationSettings DEFAULT =
      new ReplicationSettings(
          Duration.ofMillis(5),
          Duration.ofSeconds(3),
          Duration.ofSeconds(10),
          16L << 20,
          Duration.ofSeconds(60),
          null);

  private static final int FLUSHES_PER_LEASE = 10;
  private static final int LEASES_PER_RETENTION = 2;

  public ReplicationSettings {
    within("flushInterval", flushInterval, Duration.ofMillis(1), Duration.ofSeconds(1));
    within("lease", lease, Duration.ofMillis(500), Duration.ofMinutes(5));
    within("warmUpTimeout", warmUpTimeout, Duration.ZERO, Duration.ofMinutes(10));
    within("retention", retention, Duration.ofSeconds(5), Duration.ofHours(1));
    if (backlogBytes < 64L << 10 || backlogBytes > 1L << 30) {
      throw new IllegalArgumentException(
          "backlogMaxBytes must be 64Ki to 1Gi, was " + backlogBytes);
    }
    atLeast("lease", lease, FLUSHES_PER_LEASE, "flushInterval", flushInterval);
    atLeast("retention", retention, LEASES_PER_RETENTION, "lease", lease);
  }

  private static void within(String field, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s must be %s to %s, was %s"
              .formatted(field, seconds(least), seconds(most), seconds(value)));
    }
  }

  private static void atLeast(String field, Duration value, int times, String of, Duration unit) {
    if (value.compareTo(unit.multipliedBy(times)) < 0) {
      throw new IllegalArgumentException(
          "%s must be %d times %s or more, was %s to %s"
              .formatted(field, times, of, seconds(value), seconds(unit)));
    }
  }

  private static String seconds(Duration value) {
    return value.toMillis() / 1000.0 + "s";
  }
}
