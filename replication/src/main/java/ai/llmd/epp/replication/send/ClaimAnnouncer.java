package ai.llmd.epp.replication.send;

import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.HashMap;
import java.util.Map;

/**
 * Announces what this replica holds against endpoints: changes as they happen, all of it with the
 * heartbeat. The sender's thread only.
 */
final class ClaimAnnouncer {

  private final Outbox outbox;
  private final ShareClaims claims;
  private final ReplicaState state;
  private final Map<EndpointState, Claim> announced = new HashMap<>();

  ClaimAnnouncer(Outbox outbox, ShareClaims claims, ReplicaState state) {
    this.outbox = outbox;
    this.claims = claims;
    this.state = state;
  }

  void announceChanges() {
    if (claims.takeChanged()) {
      state.members().all().forEach(this::announceIfChanged);
    }
  }

  private void announceIfChanged(EndpointState member) {
    Claim now = claims.claim(member);
    Claim before = now.finding() == Finding.NONE ? announced.remove(member) : put(member, now);
    if (before == null ? now.finding() != Finding.NONE : !now.equals(before)) {
      EndpointLife life = state.lives().of(member.endpoint().id());
      outbox.add(batch -> batch.claim(life, now));
    }
  }

  private Claim put(EndpointState member, Claim now) {
    Claim before = announced.put(member, now);
    return before == null ? Claim.NONE : before;
  }

  /** Adds every claim there is. */
  void addAll(BatchWriter batch) {
    announced.keySet().removeIf(member -> !state.members().contains(member));
    for (EndpointState member : state.members().all()) {
      Claim now = claims.claim(member);
      if (now.finding() == Finding.NONE) {
        announced.remove(member);
      } else if (batch.hasRoomInDictionary()) {
        announced.put(member, now);
        batch.claim(state.lives().of(member.endpoint().id()), now);
      }
    }
  }
}
