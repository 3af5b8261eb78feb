package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.pool.EndpointState;

/** What this replica and its peers hold against endpoints. Any thread. */
public interface ShareClaims {

  /** Holds nothing against any. */
  ShareClaims NONE =
      new ShareClaims() {
        @Override
        public boolean takeChanged() {
          return false;
        }

        @Override
        public Claim claim(EndpointState endpoint) {
          return Claim.NONE;
        }

        @Override
        public void claimed(long peer, EndpointState endpoint, Claim claim) {}

        @Override
        public void gone(long peer) {}
      };

  /** Whether a claim of this replica may have changed since the last call. */
  boolean takeChanged();

  /** What this replica holds against an endpoint by its own evidence. */
  Claim claim(EndpointState endpoint);

  /** A peer claims something against an endpoint, or withdraws it; may come more than once. */
  void claimed(long peer, EndpointState endpoint, Claim claim);

  /** A peer is gone, and its claims with it. */
  void gone(long peer);
}
