package ai.llmd.epp.adapter.k8s;

import java.time.Duration;

/**
 * How long a leader leads without a sign of life.
 *
 * @param duration others wait so long after the last renewal that they saw
 * @param renewDeadline the leader itself gives up so long after its last renewal; shorter than the
 *     duration, so that there are never two
 * @param retryEvery time between two attempts to renew or to acquire
 */
public record LeaseSettings(Duration duration, Duration renewDeadline, Duration retryEvery) {

  /** The reference's. */
  public static final LeaseSettings DEFAULTS =
      new LeaseSettings(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

  public LeaseSettings {
    if (renewDeadline.compareTo(duration) >= 0 || retryEvery.compareTo(renewDeadline) >= 0) {
      throw new IllegalArgumentException(
          "retryEvery must be below renewDeadline, and that below duration, were "
              + retryEvery
              + ", "
              + renewDeadline
              + ", "
              + duration);
    }
  }

  /** Two calls fit into the time that is left to renew. */
  Duration callTimeout() {
    return renewDeadline.dividedBy(2);
  }
}
