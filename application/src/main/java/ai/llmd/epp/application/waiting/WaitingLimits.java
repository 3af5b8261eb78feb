package ai.llmd.epp.application.waiting;

import java.time.Duration;

/**
 * How long one request may wait for its decision, over all of its steps, and how many may at once.
 *
 * @param requests shared by all configurations that serve
 * @param longest more than 0
 */
public record WaitingLimits(WaitingRequests requests, Duration longest) {

  public WaitingLimits {
    if (longest.isNegative() || longest.isZero()) {
      throw new IllegalArgumentException("longest must be more than 0, was " + longest);
    }
  }
}
