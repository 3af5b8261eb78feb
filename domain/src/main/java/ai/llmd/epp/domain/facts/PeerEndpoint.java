package ai.llmd.epp.domain.facts;

import ai.llmd.epp.domain.pool.Candidate;

/**
 * The endpoint that was picked in an earlier stage of the same request, so that a later stage can
 * prefer its neighbours. Data key {@code peer-endpoint/disagg-profile-handler}.
 */
public final class PeerEndpoint {

  public static final FactKey<Candidate> KEY =
      new FactKey<>("peer-endpoint", "disagg-profile-handler", Candidate.class);

  private PeerEndpoint() {}
}
