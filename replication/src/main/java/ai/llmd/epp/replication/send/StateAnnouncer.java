package ai.llmd.epp.replication.send;

import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.EndpointLives;
import ai.llmd.epp.replication.state.PoolMembers;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.HashMap;
import java.util.Map;

/**
 * Announces this replica's work in flight, in absolute numbers, and what it holds against
 * endpoints: changes as they happen, all of it as a heartbeat. The sender's thread only.
 */
public final class StateAnnouncer {

  private record Announced(long requests, long tokens) {
    static final Announced NONE = new Announced(0, 0);
  }

  private final Outbox outbox;
  private final ClaimAnnouncer claims;
  private final QueueAnnouncer queues;
  private final SharedState state;
  private final PoolMembers members;
  private final EndpointLives lives;
  private final Map<String, Map<EndpointState, Announced>> announced = new HashMap<>();

  /**
   * @param shared has what this replica holds against endpoints
   * @param sharedQueues has what is queued in this replica
   */
  public StateAnnouncer(
      Outbox outbox, ReplicaState replica, ShareClaims shared, ShareQueues sharedQueues) {
    this.outbox = outbox;
    this.claims = new ClaimAnnouncer(outbox, shared, replica);
    this.queues = new QueueAnnouncer(outbox, sharedQueues);
    this.state = replica.shared();
    this.members = replica.members();
    this.lives = replica.lives();
  }

  /**
   * Adds an entry for each endpoint of which something differs from what was announced last. Claims
   * and queues come last: the first version read no further than a kind that it did not know.
   */
  public void announceChanges() {
    state
        .ledgers()
        .forEach(
            (name, ledger) -> {
              if (ledger.isShared() && ledger.takeChanged()) {
                Map<EndpointState, Announced> before =
                    announced.computeIfAbsent(name, n -> new HashMap<>());
                members.all().forEach(member -> announceIfChanged(name, ledger, member, before));
              }
            });
    claims.announceChanges();
    queues.announceChanges();
  }

  private void announceIfChanged(
      String name, LoadLedger ledger, EndpointState member, Map<EndpointState, Announced> before) {
    Announced now = now(ledger, member);
    if (!now.equals(before.getOrDefault(member, Announced.NONE))) {
      before.put(member, now);
      EndpointLife life = lives.of(member.endpoint().id());
      outbox.add(batch -> batch.load(name, life, now.requests(), now.tokens()));
    }
  }

  private static Announced now(LoadLedger ledger, EndpointState member) {
    return new Announced(ledger.ownRequests(member.slot()), ledger.ownTokens(member.slot()));
  }

  /** Announces all work in flight and all claims, and thereby that this replica is alive. */
  public void announceAll() {
    outbox.addWholeLoad(this::addAll, false);
  }

  /** Announces that this is the last batch of this replica. */
  public void announceFarewell() {
    outbox.addWholeLoad(batch -> {}, true);
  }

  /**
   * All work in flight that is not zero, every endpoint that is not in its first life, and all
   * claims.
   */
  private void addAll(BatchWriter batch) {
    announced
        .values()
        .forEach(ofLedger -> ofLedger.keySet().removeIf(member -> !members.contains(member)));
    announced.keySet().removeIf(name -> !state.ledgers().containsKey(name));
    state
        .ledgers()
        .forEach(
            (name, ledger) -> {
              if (ledger.isShared()) {
                members.all().forEach(member -> addLoad(name, ledger, member, batch));
              }
            });
    for (EndpointState member : members.all()) {
      EndpointLife life = lives.of(member.endpoint().id());
      if (life.generation() > 0 && batch.hasRoomInDictionary()) {
        batch.endpoint(life);
      }
    }
    claims.addAll(batch);
    queues.addAll(batch);
  }

  private void addLoad(String name, LoadLedger ledger, EndpointState member, BatchWriter batch) {
    Announced now = now(ledger, member);
    announced.computeIfAbsent(name, n -> new HashMap<>()).put(member, now);
    if (!now.equals(Announced.NONE) && batch.hasRoomInDictionary()) {
      batch.load(name, lives.of(member.endpoint().id()), now.requests(), now.tokens());
    }
  }
}
