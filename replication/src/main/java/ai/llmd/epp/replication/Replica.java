package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.session.SessionDirectory;
import ai.llmd.epp.domain.sharing.BindingStamp;
import ai.llmd.epp.domain.sharing.SessionKey;
import ai.llmd.epp.domain.sharing.SessionListener;
import ai.llmd.epp.domain.state.SharedState;
import java.util.function.LongSupplier;

/**
 * What this replica says and hears, without threads and without a store: what is learned here goes
 * to the {@link Outbox}, what others say goes into the {@link SharedState}.
 *
 * <p>Whatever is said may come late, twice, in another order or after something was lost. Blocks
 * are added to sets; work in flight counts as it was said last; of two bindings of a session the
 * later one stays; what is said of an endpoint's earlier life is passed over.
 */
final class Replica implements LocalChanges, SessionListener, PoolObserver, BatchVisitor {

  /** Hashes of one entry. */
  private static final int MOST_HASHES = 4_096;

  private final long writer;
  private final SharedState state;
  private final IndexWriter indexes;
  private final LongSupplier nanoClock;
  private final Outbox outbox;
  private final Members members = new Members();
  private final EndpointLives lives = new EndpointLives();
  private final Parking parking = new Parking();
  private final Touches touches;
  private final ToldLoads toldLoads;
  private final Peers peers;
  private final WriterProgress progress = new WriterProgress();
  private final Requests requests;

  // the reader's thread
  private BatchHead head = BatchHead.ofSnapshot(0, 0);
  private boolean isPassedOver;
  private long applied;

  /** What others ask of this replica. The reader's thread calls. */
  interface Requests {

    /** Batches of this replica are missed. */
    void resend(long from, long to);

    void snapshotWanted();

    void snapshotReady();
  }

  /**
   * @param leaseNanos how long a silent replica counts as alive
   */
  Replica(
      long writer,
      SharedState state,
      IndexWriter indexes,
      Outbox outbox,
      long leaseNanos,
      LongSupplier nanoClock,
      Requests requests) {
    this.writer = writer;
    this.state = state;
    this.indexes = indexes;
    this.outbox = outbox;
    this.nanoClock = nanoClock;
    this.requests = requests;
    this.touches = new Touches(nanoClock.getAsLong());
    this.toldLoads = new ToldLoads(state, members, lives);
    this.peers = new Peers(state, members, leaseNanos);
  }

  // what is learned here

  @Override
  public void recorded(
      String producer, EndpointState endpoint, int capacity, PrefixBlocks blocks, long[] learned) {
    long[] all = blocks.hashes();
    int known = all.length - learned.length;
    boolean isTouch =
        known > 0
            && touches.isDue(
                endpoint.slot(),
                all[known - 1],
                (long) all.length * Long.BYTES,
                nanoClock.getAsLong());
    sayBlocks(producer, lives.of(endpoint.endpoint().id()), capacity, isTouch ? all : learned);
  }

  /** Long chains go in pieces, the end first, as the index would enter them. */
  private void sayBlocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
    for (int to = hashes.length; to > 0; to -= MOST_HASHES) {
      int end = to;
      int start = Math.max(0, to - MOST_HASHES);
      outbox.say(out -> out.blocks(producer, endpoint, capacity, hashes, start, end));
    }
  }

  @Override
  public void bound(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    EndpointLife life = lives.of(endpoint);
    outbox.say(out -> out.session(plugin, session, life, stamp));
  }

  /** Says what has changed of the work in flight. The sender's thread. */
  void sayLoads() {
    toldLoads.changes(outbox::say);
  }

  /** Says all work in flight, and thereby that this replica is alive. The sender's thread. */
  void sayWholeLoad() {
    outbox.sayWholeLoad(toldLoads::whole, false);
  }

  /** Says that nothing follows. */
  void sayFarewell() {
    outbox.sayWholeLoad(out -> {}, true);
  }

  // the pool

  @Override
  public void added(EndpointState endpoint) {
    members.add(endpoint);
    for (Parking.Parked said : parking.take(endpoint.endpoint().id())) {
      if (lives.of(said.endpoint().id()).equals(said.endpoint())) {
        record(said.producer(), endpoint, said.capacity(), said.hashes());
      }
    }
    peers.sumUpAll();
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    members.remove(endpoint);
    EndpointLife next = lives.ended(endpoint.endpoint().id(), nanoClock.getAsLong());
    if (next != null) {
      outbox.say(out -> out.endpoint(next));
    }
    // behind what was handed over for it, so that nothing of it is left for the slot's next holder
    forgetBlocks(endpoint);
    indexes.run(released);
  }

  private void forgetBlocks(EndpointState endpoint) {
    for (PrefixCacheIndex index : state.prefixIndexes().values()) {
      indexes.forget(index, endpoint.slot(), () -> {});
    }
  }

  // what others say

  @Override
  public void begin(BatchHead next) {
    head = next;
    long now = nanoClock.getAsLong();
    if (next.writer() == writer && !next.isSnapshot()) {
      isPassedOver = true;
      return;
    }
    isPassedOver = !next.isSnapshot() && !progress.accept(next.writer(), next.sequence(), now);
    if (!next.isSnapshot() && !isPassedOver) {
      peers.begin(next, now);
    }
  }

  @Override
  public void endpoint(EndpointLife endpoint) {
    if (isPassedOver || lives.heard(endpoint, nanoClock.getAsLong()) <= 0) {
      return;
    }
    parking.take(endpoint.id());
    EndpointState member = members.find(endpoint.id());
    if (member != null) {
      forgetBlocks(member);
    }
  }

  @Override
  public void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
    if (isPassedOver || hashes.length == 0 || !lives.of(endpoint.id()).equals(endpoint)) {
      return;
    }
    applied++;
    EndpointState member = members.find(endpoint.id());
    if (member == null) {
      parking.park(new Parking.Parked(producer, endpoint, capacity, hashes));
    } else {
      record(producer, member, capacity, hashes);
    }
  }

  private void record(String producer, EndpointState member, int capacity, long[] hashes) {
    PrefixCacheIndex index = state.prefixIndexes().get(producer);
    if (index != null) { // a replica with another configuration has plugins that this one has not
      var blocks = new PrefixBlocks(hashes, new int[] {hashes.length}, 0);
      indexes.record(index, member.slot(), blocks, capacity, () -> members.has(member));
    }
  }

  @Override
  public void load(String ledger, EndpointLife endpoint, long requestCount, long tokens) {
    if (!isPassedOver && !head.isSnapshot()) {
      applied++;
      peers.load(ledger, endpoint.id(), requestCount, tokens);
    }
  }

  @Override
  public void session(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    SessionDirectory directory = isPassedOver ? null : state.sessionDirectories().get(plugin);
    if (directory != null) {
      applied++;
      directory.merge(session, endpoint, stamp, nanoClock.getAsLong());
    }
  }

  @Override
  public void resend(long missed, long from, long to) {
    if (!isPassedOver && missed == writer) {
      requests.resend(from, to);
    }
  }

  @Override
  public void snapshotWanted() {
    if (!isPassedOver) {
      requests.snapshotWanted();
    }
  }

  @Override
  public void snapshotReady() {
    if (!isPassedOver) {
      requests.snapshotReady();
    }
  }

  @Override
  public void progress(long other, long sequence) {
    if (head.isSnapshot() && other != writer) {
      progress.covered(other, sequence);
    }
  }

  @Override
  public void end() {
    if (!isPassedOver && !head.isSnapshot()) {
      peers.end();
    }
  }

  // for the replicator

  /** The batch that was read last. */
  BatchHead head() {
    return head;
  }

  /** Entries of others that were applied. The reader's thread. */
  long applied() {
    return applied;
  }

  Peers peers() {
    return peers;
  }

  Members members() {
    return members;
  }

  EndpointLives lives() {
    return lives;
  }

  WriterProgress progress() {
    return progress;
  }
}
