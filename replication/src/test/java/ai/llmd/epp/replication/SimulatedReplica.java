package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.DirectIndexWriter;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.BoundSession;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.domain.state.SessionListener;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.domain.state.Sharing;
import ai.llmd.epp.replication.batch.BatchReader;
import ai.llmd.epp.replication.batch.MalformedBatchException;
import ai.llmd.epp.replication.receive.BatchApplier;
import ai.llmd.epp.replication.receive.BlockApplier;
import ai.llmd.epp.replication.receive.PeerRequests;
import ai.llmd.epp.replication.receive.Peers;
import ai.llmd.epp.replication.receive.WriterProgress;
import ai.llmd.epp.replication.send.Outbox;
import ai.llmd.epp.replication.send.OutgoingEntries;
import ai.llmd.epp.replication.send.SendBatch;
import ai.llmd.epp.replication.send.StateAnnouncer;
import ai.llmd.epp.replication.snapshot.SnapshotWriter;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A replica without threads and without a store: a test carries its batches to its peers, and owns
 * its clock. Slots differ from replica to replica, as they do in life.
 */
final class SimulatedReplica implements SessionListener {

  static final String PRODUCER = "prefix";
  static final String LEDGER = "inflight";
  static final String SESSIONS = "sticky";
  static final String LATENCIES = "latencies";
  static final int CAPACITY = 100_000;

  private static final long LEASE_NANOS = 3_000_000_000L;

  final long writer;
  final AtomicLong nowNanos;
  final SharedState state;
  final PrefixCacheIndex index;
  final LoadLedger ledger;
  final LearnedLatencies latencies;
  final Outbox outbox;
  final StateAnnouncer loads;
  final FakeClaims claims = new FakeClaims();
  final FakeQueues queues = new FakeQueues();

  /** Batches on their way to it. */
  final List<byte[]> inbox = new ArrayList<>();

  private final ReplicaState replica;
  private final WriterProgress progress = new WriterProgress(LEASE_NANOS);
  private final OutgoingEntries entries;
  private final BatchApplier applier;
  private final PoolFollower follower;

  private final Map<EndpointId, EndpointState> pool = new HashMap<>();
  private int nextSlot;
  private long incarnations;

  SimulatedReplica(long writer, AtomicLong nowNanos) {
    this.writer = writer;
    this.nowNanos = nowNanos;
    this.nextSlot = (int) (3 * writer);
    this.state =
        new SharedState(
            new SharedState.Budget(4 << 20, 1_000),
            new Sharing(0, writer, this::epochMillis, this, () -> {}, this::observed));
    this.index = state.prefixIndex(PRODUCER);
    this.ledger = state.ledger(LEDGER);
    ledger.share();
    state.sessions(SESSIONS);
    this.latencies = state.latencies(LATENCIES, true);
    this.outbox = new Outbox(writer, 1 << 20, () -> epochMillis() * 1_000, () -> {});
    this.replica = new ReplicaState(state, new DirectIndexWriter());
    this.loads = new StateAnnouncer(outbox, replica, claims, queues);
    this.entries = new OutgoingEntries(outbox, replica.lives(), nowNanos::get);
    var peers = new Peers(replica, claims, queues, LEASE_NANOS);
    var blocks = new BlockApplier(replica, entries);
    this.applier =
        new BatchApplier(
            writer, replica, blocks, peers, progress, new PeerRequests(), nowNanos::get);
    this.follower = new PoolFollower(replica, entries, blocks, peers, nowNanos::get);
    outbox.markReady();
  }

  private long epochMillis() {
    return nowNanos.get() / 1_000_000;
  }

  @Override
  public void bound(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    entries.bound(plugin, session, endpoint, stamp);
  }

  private void observed(String producer, EndpointId endpoint, StampedObservation observation) {
    entries.observed(producer, endpoint, observation);
  }

  /** Discovery finds an endpoint. */
  void add(EndpointId id) {
    var member =
        new EndpointState(nextSlot++, ++incarnations, Endpoint.of(id, "192.0.2.1", 80, Map.of()));
    pool.put(id, member);
    claims.forget(id);
    ledger.open(member.slot(), member.incarnation(), 0, 0);
    latencies.follow(id);
    follower.added(member);
  }

  /** Discovery loses an endpoint. */
  void remove(EndpointId id) {
    EndpointState member = pool.remove(id);
    if (member != null) {
      claims.forget(id);
      index.forget(member.slot());
      ledger.forget(member.slot());
      latencies.forget(id);
      follower.removed(member, () -> {});
    }
  }

  boolean has(EndpointId id) {
    return pool.containsKey(id);
  }

  /**
   * A request with these blocks goes to an endpoint of the pool.
   *
   * @return those that were new to it
   */
  long[] route(EndpointId id, long... hashes) {
    EndpointState member = pool.get(id);
    if (member == null) {
      throw new IllegalArgumentException(id + " is not in the pool");
    }
    var blocks = new PrefixBlocks(hashes, new int[] {hashes.length}, 64);
    List<Long> backwards = new ArrayList<>();
    index.record(member.slot(), blocks, CAPACITY, backwards::add);
    long[] learned = backwards.reversed().stream().mapToLong(Long::longValue).toArray();
    entries.recorded(PRODUCER, member, CAPACITY, blocks, learned);
    return learned;
  }

  /** The request that taught these blocks never arrived. */
  void takeBack(EndpointId id, long[] learned) {
    EndpointState member = pool.get(id);
    if (member != null) {
      long[] gone = index.takeBack(member.slot(), learned).gone();
      entries.takenBack(PRODUCER, member, gone);
    }
  }

  LoadLedger.Entry open(EndpointId id, long requests, long tokens) {
    EndpointState member = pool.get(id);
    if (member == null) {
      throw new IllegalArgumentException(id + " is not in the pool");
    }
    return ledger.open(member.slot(), member.incarnation(), requests, tokens);
  }

  /** This replica loses what it knows of an endpoint's blocks, as by eviction. */
  void evict(EndpointId id) {
    EndpointState member = pool.get(id);
    if (member != null) {
      index.forget(member.slot());
    }
  }

  /** Everything that was not taken away before, as the store would get it. */
  List<byte[]> takeBatches() {
    SendBatch next = outbox.next(Integer.MAX_VALUE);
    outbox.markSent(next);
    return next.batches();
  }

  void receive(byte[] batch) {
    try {
      BatchReader.read(batch, applier);
    } catch (MalformedBatchException e) {
      throw new AssertionError(e);
    }
  }

  /** What it would put into the store as a snapshot. */
  List<byte[]> snapshot() throws Exception {
    Map<Long, Long> received = new HashMap<>(progress.receivedUpTo());
    received.put(writer, outbox.lastSealed());
    var writing = new SnapshotWriter(writer, epochMillis() * 1_000, received, replica);
    List<byte[]> chunks = new ArrayList<>();
    for (byte @Nullable [] chunk = writing.next(); chunk != null; chunk = writing.next()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  /** The blocks known of an endpoint; none when it is not in the pool. */
  Set<Long> blocks(EndpointId id) {
    EndpointState member = pool.get(id);
    Set<Long> blocks = new HashSet<>();
    if (member != null) {
      for (long hash : index.blocksOf(member.slot())) {
        blocks.add(hash);
      }
    }
    return blocks;
  }

  /** Requests in flight on an endpoint over all replicas, as seen here. */
  long requests(EndpointId id) {
    EndpointState member = pool.get(id);
    return member == null ? 0 : ledger.inFlight(member.slot() + 1).requests(member.slot());
  }

  long ownRequests(EndpointId id) {
    EndpointState member = pool.get(id);
    return member == null ? 0 : ledger.ownRequests(member.slot());
  }

  long generation(EndpointId id) {
    return replica.lives().of(id).generation();
  }

  Map<SessionKey, BoundSession> sessions() {
    Map<SessionKey, BoundSession> sessions = new HashMap<>();
    Iterator<BoundSession> all = state.sessions(SESSIONS).sessions();
    all.forEachRemaining(session -> sessions.put(session.session(), session));
    return sessions;
  }
}
