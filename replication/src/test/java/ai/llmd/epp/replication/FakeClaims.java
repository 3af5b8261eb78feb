package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Holds against endpoints what a test wants, and keeps what peers hold against them. */
final class FakeClaims implements ShareClaims {

  /** What a peer holds against an endpoint. */
  record Held(long peer, EndpointId endpoint) {}

  private final Map<EndpointId, Claim> own = new ConcurrentHashMap<>();
  private final Map<Held, Claim> ofPeers = new ConcurrentHashMap<>();
  private final AtomicBoolean hasChanged = new AtomicBoolean();

  void hold(EndpointId endpoint, Claim claim) {
    own.put(endpoint, claim);
    hasChanged.set(true);
  }

  /** The endpoint left or joined the pool: nothing is known about this life of it. */
  void forget(EndpointId endpoint) {
    own.remove(endpoint);
    ofPeers.keySet().removeIf(held -> held.endpoint().equals(endpoint));
  }

  Claim own(EndpointId endpoint) {
    return own.getOrDefault(endpoint, Claim.NONE);
  }

  Claim of(long peer, EndpointId endpoint) {
    return ofPeers.getOrDefault(new Held(peer, endpoint), Claim.NONE);
  }

  @Override
  public boolean takeChanged() {
    return hasChanged.getAndSet(false);
  }

  @Override
  public Claim claim(EndpointState endpoint) {
    return own(endpoint.endpoint().id());
  }

  @Override
  public void claimed(long peer, EndpointState endpoint, Claim claim) {
    Held held = new Held(peer, endpoint.endpoint().id());
    if (claim.finding() == Finding.NONE) {
      ofPeers.remove(held);
    } else {
      ofPeers.put(held, claim);
    }
  }

  @Override
  public void gone(long peer) {
    ofPeers.keySet().removeIf(held -> held.peer() == peer);
  }
}
