package ai.llmd.epp.application.health;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.domain.health.SlowStart;
import ai.llmd.epp.domain.pool.Candidates;

/**
 * Knows whether any endpoint of the pool starts slowly, so that a pool in which none does pays one
 * read. Any thread.
 */
final class SlowStarts {

  private volatile boolean areAny;
  private volatile long lastBegunAtNanos;

  void begun(long nowNanos) {
    lastBegunAtNanos = nowNanos;
    areAny = true;
  }

  boolean areAny(long nowNanos) {
    if (areAny && nowNanos - lastBegunAtNanos >= SlowStart.NANOS) {
      areAny = false;
    }
    return areAny;
  }

  /** Requests in flight on the candidates that are not starting, on average; negative for none. */
  static double meanInFlight(Candidates candidates, ByMember<Outcomes> outcomes, long nowNanos) {
    int settled = 0;
    long inFlight = 0;
    for (int i = 0; i < candidates.size(); i++) {
      Outcomes known = outcomes.at(candidates.get(i).slot());
      if (known != null && !known.isStarting(nowNanos)) {
        settled++;
        inFlight += known.inFlight();
      }
    }
    return settled == 0 ? -1 : (double) inFlight / settled;
  }
}
