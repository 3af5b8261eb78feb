package ai.llmd.epp.application.health;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.ResponseObserver;
import org.jspecify.annotations.Nullable;

/** Which candidates are worth a request. Any thread. */
public interface CandidateHealth {

  /** Every candidate is, whatever happens. */
  CandidateHealth NONE =
      new CandidateHealth() {
        @Override
        public Candidates eligible(Candidates candidates, long nowNanos) {
          return candidates;
        }

        @Override
        public @Nullable ResponseObserver picked(Candidate pick, long nowNanos) {
          return null;
        }
      };

  /**
   * The candidates that are worth a request, in the same order: this very list when all are, or
   * none is.
   */
  Candidates eligible(Candidates candidates, long nowNanos);

  /**
   * A request is sent to an endpoint.
   *
   * @return learns from the response, or null when there is nothing to learn
   */
  @Nullable ResponseObserver picked(Candidate pick, long nowNanos);
}
