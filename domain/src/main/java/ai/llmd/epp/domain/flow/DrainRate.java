package ai.llmd.epp.domain.flow;

/**
 * How many requests leave a queue in a second: an exponential moving average over about one second.
 */
public final class DrainRate {

  private static final double SECOND = 1e9;
  private static final double FORGOTTEN = 1e-9;

  private double rate;
  private long at;

  /** A request has left at this time. */
  void left(long now) {
    rate = perSecond(now) + 1;
    at = now;
  }

  /** Requests a second as of now; 0 when none has left for long. */
  public double perSecond(long now) {
    return decayed(rate, now - at);
  }

  /** What a rate is after this time, in which no request has left. */
  static double decayed(double rate, long nanos) {
    double decayed = rate * Math.exp(-nanos / SECOND);
    return decayed < FORGOTTEN ? 0 : decayed;
  }
}
