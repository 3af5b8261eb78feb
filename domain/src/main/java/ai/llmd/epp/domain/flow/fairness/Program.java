package ai.llmd.epp.domain.flow.fairness;

/** What is known of one program, whose requests share a fairness id. Any thread. */
final class Program {

  private static final double NOTHING = Double.NEGATIVE_INFINITY;

  private final double halfLifeNanos;
  private double logService = NOTHING;
  private long inFlight;
  private long waits;
  private double meanWaitMillis;
  private long lastSeenAt;

  /**
   * @param halfLifeNanos time in which its service loses half of its weight; 0 for never
   */
  Program(double halfLifeNanos, long now) {
    this.halfLifeNanos = halfLifeNanos;
    this.lastSeenAt = now;
  }

  /**
   * The service it has had, in a measure that time does not change: of two programs the one with
   * the larger number has had more. {@link #service} turns it into tokens.
   */
  synchronized double logService() {
    return logService;
  }

  /** The tokens that a measure of {@link #logService} stands for at this time. */
  static double service(double logService, double halfLives) {
    return logService == NOTHING ? 0 : Math.pow(2, logService - halfLives);
  }

  double halfLives(long now) {
    return halfLifeNanos == 0 ? 0 : now / halfLifeNanos;
  }

  synchronized void dispatched(long now) {
    inFlight++;
    lastSeenAt = now;
  }

  synchronized void waited(double millis) {
    waits++;
    meanWaitMillis += (millis - meanWaitMillis) / waits;
  }

  synchronized void completed(double tokens, long now) {
    inFlight--;
    lastSeenAt = now;
    if (tokens > 0) {
      double total = service(logService, halfLives(now)) + tokens;
      logService = Math.log(total) / Math.log(2) + halfLives(now);
    }
  }

  synchronized boolean isIdleSince(long time) {
    return inFlight == 0 && lastSeenAt < time;
  }

  synchronized ProgramAwareFairness.Figures figures(String id, long now) {
    return new ProgramAwareFairness.Figures(
        id, inFlight, waits, meanWaitMillis, service(logService, halfLives(now)));
  }
}
