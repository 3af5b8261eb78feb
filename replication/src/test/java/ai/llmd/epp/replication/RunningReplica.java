package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A replica with its real threads, over any log. */
final class RunningReplica implements AutoCloseable {

  static final String PRODUCER = "prefix";
  static final String LEDGER = "inflight";
  static final String SESSIONS = "sticky";
  static final String LATENCIES = "latencies";
  static final String CACHES = "precise";

  static final ReplicationSettings SETTINGS =
      new ReplicationSettings(
          Duration.ofMillis(5),
          Duration.ofMillis(600),
          Duration.ofSeconds(20),
          64 << 10,
          Duration.ofSeconds(60),
          null);

  /** Records every state that was entered. */
  static final class RecordingObserver implements ReplicationObserver {
    final Queue<Status> states = new ConcurrentLinkedQueue<>();
    final Queue<String> refused = new ConcurrentLinkedQueue<>();
    final Queue<Long> lagMicros = new ConcurrentLinkedQueue<>();

    @Override
    public void changed(Status status) {
      states.add(status);
    }

    @Override
    public void appended(int batches, long bytes, long nanos) {}

    @Override
    public void applied(long lag) {
      lagMicros.add(lag);
    }

    @Override
    public void refused(String reason) {
      refused.add(reason);
    }

    @Override
    public void snapshotWritten(long bytes, long nanos) {}

    @Override
    public void snapshotRead(long bytes, long nanos) {}

    List<ReplicationObserver.State> entered() {
      return states.stream().map(ReplicationObserver.Status::state).toList();
    }
  }

  /** Records every failure that a thread survived. */
  static final class RecordingThreads implements ThreadObserver {
    final Queue<String> failed = new ConcurrentLinkedQueue<>();

    @Override
    public void started(Thread thread) {}

    @Override
    public void failed(String thread, RuntimeException failure) {
      failed.add(thread);
    }
  }

  final RecordingThreads threads = new RecordingThreads();
  final RecordingObserver observed = new RecordingObserver();
  final SharedState state;
  final LoadLedger ledger;
  final LearnedLatencies latencies;
  final Replicator replicator;
  final FakeClaims claims = new FakeClaims();
  final FakeQueues queues = new FakeQueues();
  final FakeCaches caches = new FakeCaches();
  private final PrefixCacheIndex index;
  private final PrefixRecorder recorder;
  private final LocalChangePublisher publisher;
  private final Map<EndpointId, EndpointState> pool = new HashMap<>();

  RunningReplica(long writer, ReplicationLog log, ReplicationSettings settings) {
    publisher = new LocalChangePublisher(writer);
    state =
        new SharedState(
            new SharedState.Budget(64 << 20, 1_000),
            publisher.sharing(null, System::currentTimeMillis));
    index = state.prefixIndex(PRODUCER);
    ledger = state.ledger(LEDGER);
    ledger.share();
    state.sessions(SESSIONS);
    latencies = state.latencies(LATENCIES, true);
    recorder = new PrefixRecorder(PrefixRecorder.DEFAULT_WAITING_BLOCKS, failure -> {});
    recorder.start();
    replicator =
        new Replicator(
            log,
            settings,
            publisher,
            new Replicator.Parts(
                state,
                recorder,
                claims,
                queues,
                observed,
                threads,
                System::nanoTime,
                RunningReplica::epochMicros));
  }

  private static long epochMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  static RunningReplica start(long writer, ReplicationLog log, EndpointId... endpoints) {
    return start(new RunningReplica(writer, log, SETTINGS), endpoints);
  }

  static RunningReplica start(RunningReplica replica, EndpointId... endpoints) {
    for (EndpointId endpoint : endpoints) {
      replica.add(endpoint);
    }
    replica.replicator.start();
    return replica;
  }

  /** Before it starts: a plugin here knows of engines' caches. */
  RunningReplica sharingCaches() {
    state.share(CACHES, caches);
    return this;
  }

  void add(EndpointId id) {
    var member =
        new EndpointState(
            pool.size(), pool.size() + 1L, Endpoint.of(id, "192.0.2.1", 80, Map.of()));
    pool.put(id, member);
    ledger.open(member.slot(), member.incarnation(), 0, 0);
    latencies.follow(id);
    replicator.poolObserver().added(member);
  }

  /** A request with these blocks goes to an endpoint, as the prefix recorder would note it. */
  void route(EndpointId id, long... hashes) {
    EndpointState member = member(id);
    var blocks = new PrefixBlocks(hashes, new int[] {hashes.length}, 64);
    recorder.run(
        () -> {
          index.record(member.slot(), blocks, 1_000_000);
          publisher.recorded(PRODUCER, member, 1_000_000, blocks, hashes);
        });
  }

  LoadLedger.Entry open(EndpointId id, long requests, long tokens) {
    EndpointState member = member(id);
    return ledger.open(member.slot(), member.incarnation(), requests, tokens);
  }

  /** This replica finds something about an endpoint. */
  void queue(QueueKey key, QueueLoad load) {
    queues.queue(key, load);
    publisher.changed();
  }

  void hold(EndpointId id, Claim claim) {
    claims.hold(id, claim);
    publisher.changed();
  }

  long requests(EndpointId id) {
    int slot = member(id).slot();
    return ledger.inFlight(slot + 1).requests(slot);
  }

  int blocks(EndpointId id) {
    var count = new CompletableFuture<Integer>();
    int slot = member(id).slot();
    recorder.run(() -> count.complete(index.blocksOf(slot).length));
    return count.join();
  }

  private EndpointState member(EndpointId id) {
    EndpointState member = pool.get(id);
    if (member == null) {
      throw new IllegalArgumentException(id + " is not in the pool");
    }
    return member;
  }

  @Override
  public void close() {
    replicator.close();
    recorder.close();
  }
}
