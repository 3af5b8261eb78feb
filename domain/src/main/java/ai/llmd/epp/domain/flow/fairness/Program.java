package ai.llmd.epp.domain.flow.fairness;

import java.util.HashMap;
import java.util.Map;

/** What is known of one program, whose requests share a fairness id. Any thread. */
final class Program {

  private static final double NOTHING = Double.NEGATIVE_INFINITY;

  private final double halfLifeNanos;
  private double logHere = NOTHING; // of the service that it had in this replica
  private double logAll = NOTHING; // of what it had in all replicas
  private Map<Long, Double> logElsewhere = Map.of(); // by replica
  private boolean wasHere;
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
   * The service it has had in all replicas, in a measure that time does not change: of two programs
   * the one with the larger number has had more. {@link #service} turns it into tokens.
   */
  synchronized double logService() {
    return logAll;
  }

  /** The tokens it was served in this replica. */
  synchronized double serviceHere(long now) {
    return service(logHere, halfLives(now));
  }

  /** Another replica has served it this by now; 0 for nothing worth knowing. */
  synchronized void servedElsewhere(long replica, double tokens, long now) {
    if (tokens > 0) {
      if (logElsewhere.isEmpty()) {
        logElsewhere = new HashMap<>(4);
      }
      logElsewhere.put(replica, log(tokens, now));
    } else if (!logElsewhere.isEmpty()) {
      logElsewhere.remove(replica);
    }
    addUp();
  }

  private double log(double tokens, long now) {
    return Math.log(tokens) / Math.log(2) + halfLives(now);
  }

  private void addUp() {
    double sum = logHere;
    for (double other : logElsewhere.values()) {
      double more = Math.max(sum, other);
      sum = more + Math.log1p(Math.pow(2, -Math.abs(sum - other))) / Math.log(2);
    }
    logAll = sum;
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
    wasHere = true;
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
      logHere = log(service(logHere, halfLives(now)) + tokens, now);
      addUp();
    }
  }

  /** Whether it ever had a request in this replica. */
  synchronized boolean wasHere() {
    return wasHere;
  }

  synchronized boolean isIdleSince(long time) {
    return inFlight == 0 && lastSeenAt < time;
  }

  synchronized ProgramAwareFairness.Figures figures(String id, long now) {
    return new ProgramAwareFairness.Figures(
        id, inFlight, waits, meanWaitMillis, service(logHere, halfLives(now)));
  }
}
