package ai.llmd.epp.replication.receive;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.EngineCaches;
import ai.llmd.epp.domain.state.SessionDirectory;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.batch.BatchVisitor;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.function.LongSupplier;

/**
 * Applies entries from peers to the state of this replica.
 *
 * <p>Batches may arrive late, twice, out of order or after a gap. Blocks are added to sets; of a
 * peer's work in flight and of its claims the newest counts; of two bindings of a session the later
 * one stays; entries about an endpoint's earlier life are skipped. Blocks are taken back only when
 * everything that the peer sent before is known, and so what it takes back. The reader's thread
 * only.
 */
public final class BatchApplier implements BatchVisitor {

  private final long writer;
  private final ReplicaState state;
  private final BlockApplier blocks;
  private final Peers peers;
  private final WriterProgress progress;
  private final PeerRequests requests;
  private final LongSupplier nanoClock;
  private BatchHead head = BatchHead.ofSnapshot(0, 0);
  private boolean isSkipped;
  private long applied;

  /**
   * @param writer this replica, whose own batches are skipped
   */
  public BatchApplier(
      long writer,
      ReplicaState state,
      BlockApplier blocks,
      Peers peers,
      WriterProgress progress,
      PeerRequests requests,
      LongSupplier nanoClock) {
    this.writer = writer;
    this.state = state;
    this.blocks = blocks;
    this.peers = peers;
    this.progress = progress;
    this.requests = requests;
    this.nanoClock = nanoClock;
  }

  @Override
  public void begin(BatchHead next) {
    head = next;
    if (next.isSnapshot()) {
      isSkipped = false;
      return;
    }
    long now = nanoClock.getAsLong();
    isSkipped = next.writer() == writer || !progress.accept(next.writer(), next.sequence(), now);
    if (!isSkipped) {
      if (progress.hasBegunAnew()) {
        peers.beginAnew(next.writer());
      }
      peers.begin(next, now);
    }
  }

  @Override
  public void endpoint(EndpointLife endpoint) {
    if (!isSkipped && state.lives().mentioned(endpoint, nanoClock.getAsLong()) > 0) {
      blocks.startNewLife(endpoint.id());
    }
  }

  @Override
  public void blocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {
    if (isSkipped
        || hashes.length == 0
        || capacity < 1
        || !state.lives().of(endpoint.id()).equals(endpoint)) {
      return;
    }
    applied++;
    blocks.apply(producer, endpoint, capacity, hashes);
  }

  @Override
  public void takenBack(String producer, EndpointLife endpoint, long[] hashes) {
    if (!isSkipped
        && !head.isSnapshot()
        && hashes.length > 0
        && state.lives().of(endpoint.id()).equals(endpoint)
        && progress.isInOrder(head.writer(), head.sequence())) {
      applied++;
      blocks.takeBack(producer, endpoint, hashes);
    }
  }

  @Override
  public void cache(String plugin, EndpointLife endpoint, byte[] piece) {
    EngineCaches caches =
        head.isSnapshot() && state.lives().of(endpoint.id()).equals(endpoint)
            ? state.shared().engineCaches().get(plugin)
            : null;
    EndpointState member = caches == null ? null : state.members().find(endpoint.id());
    if (caches != null && member != null) {
      applied++;
      caches.take(member, piece);
    }
  }

  @Override
  public void load(String ledger, EndpointLife endpoint, long requestCount, long tokens) {
    if (!isSkipped && !head.isSnapshot()) {
      applied++;
      peers.load(ledger, endpoint.id(), requestCount, tokens);
    }
  }

  @Override
  public void claim(EndpointLife endpoint, Claim claim) {
    if (!isSkipped && !head.isSnapshot() && state.lives().of(endpoint.id()).equals(endpoint)) {
      applied++;
      peers.claim(endpoint.id(), claim);
    }
  }

  @Override
  public void queue(QueueKey key, QueueLoad load) {
    if (!isSkipped && !head.isSnapshot()) {
      applied++;
      peers.queue(key, load);
    }
  }

  @Override
  public void session(String plugin, SessionKey session, EndpointId endpoint, BindingStamp stamp) {
    SessionDirectory directory = isSkipped ? null : state.shared().sessionDirectories().get(plugin);
    if (directory != null) {
      applied++;
      directory.merge(session, endpoint, stamp, nanoClock.getAsLong());
    }
  }

  /** A batch has observations of its writer alone, a snapshot of all that there are. */
  @Override
  public void observed(String producer, EndpointLife endpoint, StampedObservation observation) {
    boolean isOfWriter = head.isSnapshot() || observation.writer() == head.writer();
    LearnedLatencies learned = state.shared().latencies().get(producer);
    if (!isSkipped
        && isOfWriter
        && observation.writer() != writer
        && learned != null
        && state.lives().of(endpoint.id()).equals(endpoint)) {
      applied++;
      learned.learnFromPeer(endpoint.id(), observation, head.isSnapshot());
    }
  }

  @Override
  public void retransmissionRequest(long missed, long from, long to) {
    if (!isSkipped && missed == writer) {
      requests.retransmission(from, to);
    }
  }

  @Override
  public void snapshotRequest() {
    if (!isSkipped) {
      requests.snapshot();
    }
  }

  @Override
  public void snapshotAvailable() {
    if (!isSkipped) {
      requests.snapshotAvailable();
    }
  }

  @Override
  public void progress(long other, long sequence) {
    if (head.isSnapshot() && other != writer) {
      progress.coveredBySnapshot(other, sequence);
    }
  }

  @Override
  public void end() {
    if (!isSkipped && !head.isSnapshot()) {
      peers.end();
    }
  }

  /** The header of the last batch. */
  BatchHead head() {
    return head;
  }

  /** Entries applied so far. */
  long applied() {
    return applied;
  }
}
