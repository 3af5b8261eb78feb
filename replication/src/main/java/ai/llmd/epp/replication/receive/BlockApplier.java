package ai.llmd.epp.replication.receive;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.replication.receive.EarlyEntries.EarlyBlocks;
import ai.llmd.epp.replication.send.OutgoingEntries;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.ReplicaState;

/**
 * Hands blocks from peers to the index writer, and forgets those of an endpoint that is gone. Any
 * thread.
 */
public final class BlockApplier {

  private final ReplicaState state;
  private final OutgoingEntries entries;
  private final EarlyEntries early = new EarlyEntries();

  /**
   * @param entries takes blocks that are known better here
   */
  public BlockApplier(ReplicaState state, OutgoingEntries entries) {
    this.state = state;
    this.entries = entries;
  }

  /** Blocks of an endpoint in its current life; they are kept until it joins the pool. */
  void apply(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
    EndpointState member = state.members().find(endpoint.id());
    if (member == null) {
      early.add(new EarlyBlocks(producer, endpoint, capacity, hashes));
    } else {
      record(producer, member, capacity, hashes);
    }
  }

  /**
   * Requests of a peer that would have brought an endpoint these blocks never arrived. What has
   * been used by another request since stays, and peers get to know that: some may not have known
   * of it.
   */
  void takeBack(String producer, EndpointLife endpoint, long[] hashes) {
    EndpointState member = state.members().find(endpoint.id());
    PrefixCacheIndex index = state.shared().prefixIndexes().get(producer);
    if (member != null && index != null) {
      state.indexes().run(() -> takeBack(producer, member, index, hashes));
    }
  }

  private void takeBack(
      String producer, EndpointState member, PrefixCacheIndex index, long[] hashes) {
    if (state.members().contains(member)) {
      long[] kept = index.takeBack(member.slot(), hashes).kept();
      if (kept.length > 0) {
        entries.kept(producer, member, index.capacityOf(member.slot()), kept);
      }
    }
  }

  /** An endpoint joined the pool: applies what peers sent about this life of it before. */
  public void applyEarly(EndpointState member) {
    for (EarlyBlocks blocks : early.take(member.endpoint().id())) {
      if (state.lives().of(blocks.endpoint().id()).equals(blocks.endpoint())) {
        record(blocks.producer(), member, blocks.capacity(), blocks.hashes());
      }
    }
  }

  private void record(String producer, EndpointState member, int capacity, long[] hashes) {
    PrefixCacheIndex index = state.shared().prefixIndexes().get(producer);
    if (index != null) { // a peer with another configuration may have other plugins
      var blocks = new PrefixBlocks(hashes, new int[] {hashes.length}, 0);
      state
          .indexes()
          .record(index, member.slot(), blocks, capacity, () -> state.members().contains(member));
    }
  }

  /** A peer announced that an endpoint's lives so far are over. */
  void startNewLife(EndpointId id) {
    early.take(id);
    state.shared().latencies().values().forEach(learned -> learned.startAnew(id));
    EndpointState member = state.members().find(id);
    if (member != null) {
      forget(member);
    }
  }

  /**
   * An endpoint left the pool.
   *
   * @param released run behind everything handed over for the endpoint, so that nothing of it is
   *     left for the next one in its slot
   */
  public void forget(EndpointState member, Runnable released) {
    forget(member);
    state.indexes().run(released);
  }

  private void forget(EndpointState member) {
    for (PrefixCacheIndex index : state.shared().prefixIndexes().values()) {
      state.indexes().forget(index, member.slot(), () -> {});
    }
  }
}
