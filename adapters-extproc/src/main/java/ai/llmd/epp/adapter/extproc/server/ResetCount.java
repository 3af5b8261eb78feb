package ai.llmd.epp.adapter.extproc.server;

import java.util.concurrent.TimeUnit;

/**
 * How many streams a connection has reset lately. The transport ends a connection that resets too
 * many; this notices it, since it ends without a reason. The connection's thread.
 */
final class ResetCount {

  private static final long WINDOW_NANOS =
      TimeUnit.SECONDS.toNanos(ConnectionLimits.RESET_WINDOW_SECONDS);

  private long beganAtNanos;
  private int resets;

  /** Another one; true for that with which there are too many. */
  boolean isTooMany(int most, long nowNanos) {
    if (resets == 0 || nowNanos - beganAtNanos > WINDOW_NANOS) {
      beganAtNanos = nowNanos;
      resets = 0;
    }
    return ++resets == most;
  }
}
