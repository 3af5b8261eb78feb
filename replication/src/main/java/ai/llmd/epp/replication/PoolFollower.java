package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.replication.receive.BlockApplier;
import ai.llmd.epp.replication.receive.Peers;
import ai.llmd.epp.replication.send.OutgoingEntries;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.function.LongSupplier;

/**
 * Keeps replicated state in step with the pool: an endpoint that joins gets what peers sent about
 * it before, one that leaves is forgotten and its next life announced.
 */
final class PoolFollower implements PoolObserver {

  private final ReplicaState state;
  private final OutgoingEntries entries;
  private final BlockApplier blocks;
  private final Peers peers;
  private final LongSupplier nanoClock;

  PoolFollower(
      ReplicaState state,
      OutgoingEntries entries,
      BlockApplier blocks,
      Peers peers,
      LongSupplier nanoClock) {
    this.state = state;
    this.entries = entries;
    this.blocks = blocks;
    this.peers = peers;
    this.nanoClock = nanoClock;
  }

  @Override
  public void added(EndpointState endpoint) {
    state.members().add(endpoint);
    blocks.applyEarly(endpoint);
    peers.joined(endpoint.endpoint().id());
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    state.members().remove(endpoint);
    EndpointLife next = state.lives().ended(endpoint.endpoint().id(), nanoClock.getAsLong());
    if (next != null) {
      entries.newLife(next);
    }
    blocks.forget(endpoint, released);
  }
}
