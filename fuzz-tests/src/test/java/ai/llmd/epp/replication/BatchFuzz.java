package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.DirectIndexWriter;
import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.latency.LatencyModel;
import ai.llmd.epp.domain.latency.LatencyObservation;
import ai.llmd.epp.domain.latency.LatencyObservation.Kind;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.latency.ObservationListener;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.SessionKey;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.domain.state.Sharing;
import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.batch.BatchReader;
import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.batch.MalformedBatchException;
import ai.llmd.epp.replication.receive.BatchApplier;
import ai.llmd.epp.replication.receive.BlockApplier;
import ai.llmd.epp.replication.receive.PeerRequests;
import ai.llmd.epp.replication.receive.Peers;
import ai.llmd.epp.replication.receive.WriterProgress;
import ai.llmd.epp.replication.send.Outbox;
import ai.llmd.epp.replication.send.OutgoingEntries;
import ai.llmd.epp.replication.state.EndpointLife;
import ai.llmd.epp.replication.state.ReplicaState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Batches and chunks of snapshots, as anything that writes to the store may make them: read and
 * applied to a replica, or refused, and its bounds hold.
 */
public final class BatchFuzz {

  private static final long LEASE_NANOS = 3_000_000_000L;
  private static final EndpointId MEMBER = new EndpointId("ns", "a");

  private static final LatencyRow ROW = new LatencyRow(0.5, 900, 1, 4, 1, 0.5, 0, 0, "", 3_000);

  private BatchFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    SharedState shared =
        new SharedState(
            new SharedState.Budget(1 << 20, 100),
            new Sharing(
                0,
                1,
                () -> 1_000,
                (plugin, session, endpoint, stamp) -> {},
                () -> {},
                ObservationListener.NONE));
    shared.prefixIndex("prefix");
    shared.ledger("inflight").share();
    shared.sessions("sticky");
    LearnedLatencies latencies = shared.latencies("latency", true);
    latencies.follow(MEMBER);
    var state = new ReplicaState(shared, new DirectIndexWriter());
    var served = new Served();
    var peers = new Peers(state, ShareClaims.NONE, served, LEASE_NANOS);
    var outbox = new Outbox(1, 1 << 16, () -> 5, () -> {});
    var blocks = new BlockApplier(state, new OutgoingEntries(outbox, state.lives(), () -> 5));
    var member = new EndpointState(0, 1, Endpoint.of(MEMBER, "192.0.2.1", 80, Map.of()));
    shared.ledger("inflight").open(0, 1, 0, 0);
    state.members().add(member);
    var applier =
        new BatchApplier(
            1, state, blocks, peers, new WriterProgress(LEASE_NANOS), new PeerRequests(), () -> 5);
    try {
      BatchReader.read(data, applier);
    } catch (MalformedBatchException refused) {
      // what was read before has been applied
    }
    if (shared.sessions("sticky").size() > 100) {
      throw new IllegalStateException("too many sessions");
    }
    requireFinite(latencies.of(MEMBER));
    if (served.flows.size() > 1 << 16) {
      throw new IllegalStateException("too many flows");
    }
  }

  private static void requireFinite(@Nullable LatencyModel model) {
    if (model != null
        && !(Double.isFinite(model.ttftMillis(ROW)) && Double.isFinite(model.tpotMillis(ROW)))) {
      throw new IllegalStateException("a prediction is no number");
    }
  }

  /** Counts what peers have served in a fairness policy, as flow control does. */
  private static final class Served implements ShareQueues {

    final Set<QueueKey> flows = new HashSet<>();
    final ProgramAwareFairness policy =
        new ProgramAwareFairness(ProgramAwareFairness.TYPE.defaults(), () -> 5);

    @Override
    public Map<QueueKey, QueueLoad> takeChanged() {
      return Map.of();
    }

    @Override
    public Map<QueueKey, QueueLoad> queued() {
      return Map.of();
    }

    @Override
    public void queuedElsewhere(long peer, Map<QueueKey, QueueLoad> loads) {
      loads.forEach(
          (key, load) -> {
            if (load.isIdle()) {
              flows.remove(key);
            } else {
              flows.add(key);
            }
            policy.servedElsewhere(peer, key.flow(), load.servedTokens());
          });
    }

    @Override
    public void peerGone(long peer) {
      policy.replicaGone(peer);
    }
  }

  public static List<byte[]> seeds() {
    return List.of(
        entries().seal(new BatchHead(-7, 42, 1_234_567, true, false, true)),
        entries().seal(BatchHead.ofSnapshot(-7, 1_234_567)),
        new BatchWriter().seal(new BatchHead(9, 1, 5, false, true, false)));
  }

  private static BatchWriter entries() {
    BatchWriter out = new BatchWriter();
    EndpointLife a = new EndpointLife(MEMBER, 3);
    EndpointLife b = new EndpointLife(new EndpointId("", "größer"), 0);
    long[] hashes = {1, -2, 3, Long.MIN_VALUE};
    out.endpoint(a);
    out.blocks("prefix", a, 100, hashes, 0, hashes.length);
    out.load("inflight", a, 3, 4_000);
    out.load("inflight", b, 1, 1);
    out.session("sticky", new SessionKey(1, 2), a, new BindingStamp(1_000, 5));
    out.claim(a, new Claim(Finding.FAILING, 1));
    out.cache("precise", a, new byte[] {1, 2, 3});
    out.takenBack("prefix", a, hashes, 1, 3);
    out.queue(QueueKey.ofBand(-1), new QueueLoad(3, 900, 2.5));
    out.queue(new QueueKey(0, "größer"), new QueueLoad(1, 0, 0.5));
    out.queue(new QueueKey(7, "agent"), QueueLoad.served(1_234.5));
    for (int i = 1; i <= 12; i++) {
      Kind kind = i % 3 == 0 ? Kind.FURTHER_TOKENS : Kind.FIRST_TOKEN;
      out.observed(
          "latency", a, new StampedObservation(-7, i, new LatencyObservation(kind, ROW, 20.5 * i)));
    }
    out.retransmissionRequest(1, 2, 3);
    out.snapshotRequest();
    out.snapshotAvailable();
    out.progress(-7, 41);
    return out;
  }
}
