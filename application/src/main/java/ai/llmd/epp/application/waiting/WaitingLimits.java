package ai.llmd.epp.application.waiting;

import java.time.Duration;

/**
 * The bounds on waiting, shared by all configurations that serve.
 *
 * @param requests requests that wait for their decision
 * @param plugins calls of plugins that wait; one that ignores its interrupt stays counted when its
 *     request has gone on
 * @param breakers of steps that wait
 * @param longest how long one request may wait, over all of its steps; more than 0
 */
public record WaitingLimits(
    WaitingCount requests, WaitingCount plugins, Breakers breakers, Duration longest) {

  public WaitingLimits {
    if (longest.isNegative() || longest.isZero()) {
      throw new IllegalArgumentException("longest must be more than 0, was " + longest);
    }
  }

  /** This many requests, and twice as many plugin calls. */
  public static WaitingLimits of(int requests, Duration longest) {
    int plugins = (int) Math.min(Integer.MAX_VALUE, 2L * requests);
    return new WaitingLimits(
        new WaitingCount(requests), new WaitingCount(plugins), new Breakers(), longest);
  }
}
