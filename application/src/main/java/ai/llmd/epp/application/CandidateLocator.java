package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.request.SubsetHint;

/**
 * Finds the endpoints that may serve a request: those of the pool that the gateway allows.
 *
 * @param honoursSubsetHint false when {@code --disable-endpoint-subset-filter} is given
 */
public record CandidateLocator(boolean honoursSubsetHint) {

  Candidates locate(PoolSnapshot pool, SubsetHint subset) {
    Candidates all = pool.candidates();
    return honoursSubsetHint && subset.isRestricted()
        ? all.where(candidate -> subset.allows(candidate.endpoint().address()))
        : all;
  }
}
