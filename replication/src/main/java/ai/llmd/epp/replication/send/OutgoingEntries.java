package ai.llmd.epp.replication.send;

import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.domain.latency.ObservationListener;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.domain.state.SessionListener;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.EndpointLives;
import java.util.function.LongSupplier;

/**
 * Turns what is learned here into entries of the {@link Outbox}. Blocks come from one thread at a
 * time, sessions and times of requests from any.
 */
public final class OutgoingEntries implements LocalChanges, SessionListener, ObservationListener {

  /** Hashes of one entry; longer chains are split. */
  private static final int MAX_HASHES = 4_096;

  private final Outbox outbox;
  private final EndpointLives lives;
  private final LongSupplier nanoClock;
  private final PrefixRefreshLimiter refreshes;
  private final ObservationLimiter observations;

  public OutgoingEntries(Outbox outbox, EndpointLives lives, LongSupplier nanoClock) {
    this.outbox = outbox;
    this.lives = lives;
    this.nanoClock = nanoClock;
    this.refreshes = new PrefixRefreshLimiter(nanoClock.getAsLong());
    this.observations = new ObservationLimiter(nanoClock.getAsLong());
  }

  @Override
  public void recorded(
      String producer, EndpointState endpoint, int capacity, PrefixBlocks blocks, long[] learned) {
    long[] all = blocks.hashes();
    int known = all.length - learned.length;
    boolean isRefresh =
        known > 0
            && refreshes.isDue(
                endpoint.slot(),
                all[known - 1],
                (long) all.length * Long.BYTES,
                nanoClock.getAsLong());
    addBlocks(producer, lives.of(endpoint.endpoint().id()), capacity, isRefresh ? all : learned);
  }

  @Override
  public void takenBack(String producer, EndpointState endpoint, long[] blocks) {
    EndpointLife life = lives.of(endpoint.endpoint().id());
    for (int from = 0; from < blocks.length; from += MAX_HASHES) {
      int start = from;
      int end = Math.min(blocks.length, from + MAX_HASHES);
      outbox.add(batch -> batch.takenBack(producer, life, blocks, start, end));
    }
  }

  /** Blocks that a peer took back were used here: the endpoint holds them all the same. */
  public void kept(String producer, EndpointState endpoint, int capacity, long[] blocks) {
    addBlocks(producer, lives.of(endpoint.endpoint().id()), capacity, blocks);
  }

  /** Long chains are split, the end first, in the order in which the index would enter them. */
  private void addBlocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
    for (int to = hashes.length; to > 0; to -= MAX_HASHES) {
      int end = to;
      int start = Math.max(0, to - MAX_HASHES);
      outbox.add(batch -> batch.blocks(producer, endpoint, capacity, hashes, start, end));
    }
  }

  @Override
  public void bound(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    EndpointLife life = lives.of(endpoint);
    outbox.add(batch -> batch.session(plugin, session, life, stamp));
  }

  @Override
  public void observed(String producer, EndpointId endpoint, StampedObservation observation) {
    if (observations.isDue(endpoint, observation.observation().kind(), nanoClock.getAsLong())) {
      EndpointLife life = lives.of(endpoint);
      outbox.add(batch -> batch.observed(producer, life, observation));
    }
  }

  /** Announces that an endpoint's lives before this one are over. */
  public void newLife(EndpointLife life) {
    outbox.add(batch -> batch.endpoint(life));
  }
}
