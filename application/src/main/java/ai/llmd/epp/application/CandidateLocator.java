package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.request.SubsetHint;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoints that may serve a request: those of the pool that the gateway allows.
 *
 * @param honoursSubsetHint false when {@code --disable-endpoint-subset-filter} is given
 * @param freshness how old the values of a load may be
 */
public record CandidateLocator(LivePool pool, boolean honoursSubsetHint, Freshness freshness) {

  /** The candidates with their loads as of now. */
  Candidates locate(SubsetHint subset, long nowNanos) {
    Candidates all = pool.current().candidates(freshness, nowNanos);
    return honoursSubsetHint && subset.isRestricted()
        ? all.where(candidate -> subset.allows(candidate.endpoint().address()))
        : all;
  }

  /**
   * The same candidates with their loads as of now, without those that have left the pool since: an
   * endpoint that joined meanwhile is not among them, since no facts are known about it. When all
   * have left, those that may serve the request now.
   */
  Candidates locateAgain(Candidates before, SubsetHint subset, long nowNanos) {
    @Nullable Endpoint[] known = new Endpoint[before.slotCount()];
    before.forEach(candidate -> known[candidate.slot()] = candidate.endpoint());
    Candidates now = locate(subset, nowNanos);
    Candidates stayed =
        now.where(
            candidate ->
                candidate.slot() < known.length
                    && candidate.endpoint().equals(known[candidate.slot()]));
    return stayed.isEmpty() ? now : stayed;
  }
}
