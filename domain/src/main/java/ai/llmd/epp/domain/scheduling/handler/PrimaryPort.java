package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import org.jspecify.annotations.Nullable;

/**
 * The port at which a pod answers for all its data-parallel ranks. A request is sent there, and a
 * header names the rank that was picked.
 *
 * @param port 0 to 65535
 */
record PrimaryPort(int port) {

  private static final String HEADER = "x-data-parallel-host-port";

  /** Carries the rank from the end of scheduling to the writing of the header. */
  private static final FactKey<Endpoint> PICKED_RANK =
      new FactKey<>("picked-rank", "data-parallel-profile-handler", Endpoint.class);

  /** Refuses what is no port, naming the parameter. */
  static void check(int primaryPort) {
    if (primaryPort < 0 || primaryPort > 65_535) {
      throw new IllegalArgumentException(
          "primaryPort must be within 0 and 65535, was " + primaryPort);
    }
  }

  /**
   * The same picks at this port; the rank picked first is noted. As in the reference the candidates
   * that were scored are left out, since the picks are none of them any more.
   */
  ProfileResult redirect(ProfileResult picked, Facts facts) {
    Candidates ranks = picked.picks();
    facts.put(PICKED_RANK, ranks.get(0).endpoint());
    Candidate[] redirected = new Candidate[ranks.size()];
    for (int i = 0; i < redirected.length; i++) {
      Candidate rank = ranks.get(i);
      redirected[i] = new Candidate(rank.slot(), rank.endpoint().withPort(port), rank.load());
    }
    return new ProfileResult(
        ranks.select(redirected, redirected.length),
        ranks.select(new Candidate[0], 0),
        picked.totals());
  }

  /** Names to the pod which of its ranks was picked; a client's own header goes in any case. */
  static void announce(Facts facts, HeaderChanges headers) {
    @Nullable Endpoint rank = facts.get(PICKED_RANK);
    if (rank == null) {
      headers.remove(HEADER);
    } else {
      headers.set(HEADER, rank.hostPort());
    }
  }
}
