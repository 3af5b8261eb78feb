package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.state.PoolMembers;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each peer holds against endpoints, as its newest batch has it, kept by identity: an endpoint
 * may join the pool here later than there. Passes on what changes. {@link Peers} locks.
 */
final class PeerClaims {

  /** Of all peers: an intruder in the store fills no more memory than these take. */
  private static final int MAX_CLAIMS = 1 << 14;

  private final ShareClaims claims;
  private final PoolMembers members;
  private final Map<Long, Map<EndpointId, Claim>> byPeer = new HashMap<>();
  private int count;
  private long current; // the peer whose batch is being applied
  private @Nullable Set<EndpointId> listed; // in a batch that lists all claims

  PeerClaims(ShareClaims claims, PoolMembers members) {
    this.claims = claims;
    this.members = members;
  }

  /** A new batch of a peer begins. */
  void begin(BatchHead head) {
    current = head.writer();
    listed = head.isWholeLoad() ? new HashSet<>() : null;
  }

  void put(EndpointId endpoint, Claim claim) {
    boolean isRaised = claim.finding() != Finding.NONE;
    if (listed != null && isRaised) {
      listed.add(endpoint);
    }
    Map<EndpointId, Claim> held = byPeer.computeIfAbsent(current, peer -> new HashMap<>());
    Claim before = isRaised ? raise(held, endpoint, claim) : drop(held, endpoint);
    if (!claim.equals(before)) {
      pass(current, endpoint, claim);
    }
  }

  private @Nullable Claim raise(Map<EndpointId, Claim> held, EndpointId endpoint, Claim claim) {
    if (count >= MAX_CLAIMS && !held.containsKey(endpoint)) {
      return claim;
    }
    Claim before = held.put(endpoint, claim);
    count += before == null ? 1 : 0;
    return before;
  }

  private Claim drop(Map<EndpointId, Claim> held, EndpointId endpoint) {
    Claim before = held.remove(endpoint);
    if (before == null) {
      return new Claim(Finding.NONE, 0);
    }
    count--;
    return before;
  }

  /** The batch ends; what one that lists all claims did not list is withdrawn. */
  void end() {
    Set<EndpointId> all = listed;
    listed = null;
    Map<EndpointId, Claim> held = byPeer.get(current);
    if (all == null || held == null) {
      return;
    }
    for (EndpointId endpoint : Set.copyOf(held.keySet())) {
      if (!all.contains(endpoint)) {
        drop(held, endpoint);
        pass(current, endpoint, Claim.NONE);
      }
    }
  }

  void forget(long peer) {
    Map<EndpointId, Claim> held = byPeer.remove(peer);
    if (held != null) {
      count -= held.size();
    }
    claims.gone(peer);
  }

  /** An endpoint joined the pool here. */
  void joined(EndpointId endpoint) {
    byPeer.forEach(
        (peer, held) -> {
          Claim claim = held.get(endpoint);
          if (claim != null) {
            pass(peer, endpoint, claim);
          }
        });
  }

  private void pass(long peer, EndpointId endpoint, Claim claim) {
    EndpointState member = members.find(endpoint);
    if (member != null) {
      claims.claimed(peer, member, claim);
    }
  }
}
