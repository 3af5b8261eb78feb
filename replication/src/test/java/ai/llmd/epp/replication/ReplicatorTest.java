package ai.llmd.epp.replication;

import static ai.llmd.epp.application.port.out.ReplicationLogContract.chunks;
import static ai.llmd.epp.replication.RunningReplica.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.MemoryReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationObserver.State;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.replication.send.Outbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class ReplicatorTest {

  private static final EndpointId A = new EndpointId("ns", "a");
  private static final EndpointId B = new EndpointId("ns", "b");

  private final MemoryReplicationLog store = new MemoryReplicationLog();
  private final List<RunningReplica> running = new ArrayList<>();

  private RunningReplica start(long writer, ReplicationLog log) throws InterruptedException {
    RunningReplica replica = begin(writer, log);
    assertThat(replica.replicator.awaitWarm()).isTrue();
    return replica;
  }

  private RunningReplica begin(long writer, ReplicationLog log) {
    RunningReplica replica = RunningReplica.start(writer, log, A, B);
    running.add(replica);
    return replica;
  }

  @AfterEach
  void stop() {
    running.forEach(RunningReplica::close);
  }

  private static long[] chain(long first, int blocks) {
    return LongStream.range(first, first + blocks).toArray();
  }

  @Test
  void sharesWhatItLearnsWithItsPeers() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    RunningReplica other = start(2, new Cable(store));

    one.route(A, chain(100, 40));
    other.route(B, chain(100, 30));
    other.state.sessions(RunningReplica.SESSIONS).bind("s", B, System.nanoTime());

    await().until(() -> other.blocks(A) == 40 && one.blocks(B) == 30);
    await()
        .until(
            () ->
                B.equals(
                    one.state
                        .sessions(RunningReplica.SESSIONS)
                        .endpointOf("s", 0, Long.MAX_VALUE)));
    assertThat(one.replicator.status().state()).isEqualTo(State.SHARING);
    assertThat(other.observed.lagMicros).isNotEmpty();
  }

  @Test
  void addsUpWorkInFlightUntilTheFarewellOfItsReplica() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    RunningReplica other = start(2, new Cable(store));
    one.open(A, 1, 100);
    LoadLedger.Entry entry = other.open(A, 2, 10);

    await().until(() -> one.requests(A) == 3 && other.requests(A) == 3);
    entry.release();
    entry.release();
    await().until(() -> one.requests(A) == 1 && other.requests(A) == 1);

    one.close();
    running.remove(one);
    await().until(() -> other.requests(A) == 0);
    assertThat(other.replicator.figures().replicas()).isZero();
  }

  @Test
  void sharesWhatItHoldsAgainstAnEndpointUntilItIsGone() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));
    Claim failing = new Claim(Finding.FAILING, 5);
    one.hold(A, failing);
    await().until(() -> other.claims.of(1, A).equals(failing));
    assertThat(other.claims.of(1, B)).isEqualTo(Claim.NONE);

    one.hold(A, Claim.NONE);
    await().until(() -> other.claims.of(1, A).equals(Claim.NONE));

    one.hold(B, failing);
    await().until(() -> other.claims.of(1, B).equals(failing));
    cable.hang(true);
    await()
        .atMost(SETTINGS.lease().multipliedBy(10))
        .until(() -> other.claims.of(1, B).equals(Claim.NONE));
    cable.hang(false);
    await().until(() -> other.claims.of(1, B).equals(failing));

    RunningReplica late = start(3, new Cable(store));
    await().until(() -> late.claims.of(1, B).equals(failing));
  }

  @Test
  void sharesWhatIsQueuedUntilItIsGone() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));
    QueueKey urgent = QueueKey.ofBand(10);
    QueueKey tenant = new QueueKey(-5, "größer");
    QueueLoad some = new QueueLoad(7, 900, 2.5);
    QueueLoad ofTenant = new QueueLoad(1, 0, 0.5, 1_234.5);
    one.queue(urgent, some);
    one.queue(tenant, ofTenant);
    await().until(() -> other.queues.of(1, urgent).equals(some));
    await().until(() -> other.queues.of(1, tenant).equals(ofTenant));

    one.queue(urgent, QueueLoad.NONE);
    await().until(() -> other.queues.of(1, urgent).equals(QueueLoad.NONE));

    RunningReplica late = start(3, new Cable(store));
    await().until(() -> late.queues.of(1, tenant).equals(ofTenant));
    cable.hang(true);
    await()
        .atMost(SETTINGS.lease().multipliedBy(10))
        .until(() -> other.queues.of(1, tenant).equals(QueueLoad.NONE));
    cable.hang(false);
  }

  @Test
  void sharesHowLongRequestsTook() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    RunningReplica other = start(2, new Cable(store));
    LatencyRow row = new LatencyRow(0.5, 900, 1, 4, 1, 0.25, 0, 0, "", 3_000);
    for (int i = 0; i < 8; i++) {
      one.latencies.learnTtft(A, row, 300);
    }
    assertThat(one.latencies.of(A)).as("eight are too few").isNull();
    for (int i = 0; i < 8; i++) {
      other.latencies.learnTtft(A, row, 300);
    }

    await().until(() -> one.latencies.recent(A).size() == 16);
    await().until(() -> other.latencies.recent(A).size() == 16);
    await().until(() -> one.latencies.of(A) != null && other.latencies.of(A) != null);
    RunningReplica late = start(3, new Cable(store));
    assertThat(late.replicator.awaitWarm()).isTrue();
    assertThat(late.latencies.recent(A)).hasSize(16);
    assertThat(late.latencies.of(A)).isNotNull();
  }

  @Test
  void forgetsTheWorkOfAReplicaThatIsSilentForItsLease() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));
    one.open(A, 5, 0);
    await().until(() -> other.requests(A) == 5);

    cable.hang(true); // as a process that is stopped or killed: it sends nothing any more
    await().atMost(SETTINGS.lease().multipliedBy(10)).until(() -> other.requests(A) == 0);

    cable.hang(false);
    await().until(() -> other.requests(A) == 5);
  }

  @Test
  void doesNotCountTheWorkOfAReplicaThatDiedBeforeItCame() throws Exception {
    var cable = new Cable(store);
    RunningReplica dead = start(1, cable);
    RunningReplica witness = start(2, new Cable(store));
    dead.open(A, 1, 100);
    await().until(() -> witness.requests(A) == 1);
    cable.cut(true);
    await().until(() -> witness.requests(A) == 0);

    RunningReplica fresh = start(3, new Cable(store));

    assertThat(fresh.requests(A)).isZero();
  }

  @Test
  void isWarmOnlyWhenItKnowsWhatItsPeersKnew() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    for (int i = 0; i < 50; i++) {
      one.route(A, chain(1_000 * i + 1, 100));
    }
    await().until(() -> one.blocks(A) == 5_000 && one.replicator.figures().backlogBytes() == 0);

    RunningReplica joining = start(2, new Cable(store));
    await().until(() -> joining.blocks(A) == 5_000);
  }

  @Test
  void catchesUpFromASnapshotWhenTheLogWasTrimmed() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    for (int i = 0; i < 50; i++) {
      one.route(A, chain(1_000 * i + 1, 100));
    }
    one.state.sessions(RunningReplica.SESSIONS).bind("s", B, System.nanoTime());
    await().until(() -> one.blocks(A) == 5_000 && one.replicator.figures().backlogBytes() == 0);
    store.trim(0);

    RunningReplica joining = start(2, new Cable(store));
    await().until(() -> joining.blocks(A) == 5_000);
    assertThat(joining.state.sessions(RunningReplica.SESSIONS).endpointOf("s", 0, Long.MAX_VALUE))
        .isEqualTo(B);
  }

  /** One that waits for the store no longer than a moment; it is yet to be started. */
  private RunningReplica impatient(Cable cable) {
    var impatient =
        new ReplicationSettings(
            SETTINGS.flushInterval(),
            SETTINGS.lease(),
            Duration.ofMillis(50),
            SETTINGS.backlogBytes(),
            SETTINGS.retention(),
            null);
    var replica = new RunningReplica(1, cable, impatient);
    running.add(replica);
    return replica;
  }

  @Test
  void takesRequestsAfterItsBoundWhenTheStoreCannotBeReached() throws Exception {
    var cable = new Cable(store);
    cable.cut(true);
    RunningReplica replica = impatient(cable);
    replica.add(A);
    replica.replicator.start();

    assertThat(replica.replicator.awaitWarm()).isFalse();
    replica.route(A, chain(1, 10));
    await().until(() -> replica.blocks(A) == 10);
    await().until(() -> replica.replicator.status().state() == State.CUT_OFF);
    assertThat(replica.replicator.status().detail()).contains("no route to the store");

    cable.cut(false);
    await().until(() -> replica.replicator.status().state() == State.SHARING);
    RunningReplica other = start(2, new Cable(store));
    await().until(() -> other.blocks(A) == 10);
  }

  @Test
  void sendsWhatItLearnedMeanwhileWhenTheStoreIsBack() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));

    cable.cut(true);
    one.route(A, chain(1, 20));
    other.route(B, chain(1, 30));
    await().until(() -> one.replicator.status().state() == State.CUT_OFF);
    cable.cut(false);

    await().until(() -> other.blocks(A) == 20 && one.blocks(B) == 30);
    assertThat(one.observed.entered()).containsSubsequence(State.CUT_OFF, State.SHARING);
    assertThat(other.observed.entered()).doesNotContain(State.CUT_OFF);
  }

  @Test
  void reconcilesBySnapshotWhenMoreWasLearnedThanTheBacklogHolds() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));

    cable.cut(true);
    for (int i = 0; i < 200; i++) {
      one.route(A, chain(1_000 * i + 1, 500)); // 800 KB, of which 64 KiB wait
    }
    await().until(() -> one.blocks(A) == 100_000);
    await().until(() -> one.replicator.figures().droppedBatches() > 0);
    assertThat(one.replicator.figures().backlogBytes())
        .isLessThan(SETTINGS.backlogBytes() + 2 * Outbox.BATCH_BYTES);
    cable.cut(false);

    await().atMost(Duration.ofSeconds(20)).until(() -> other.blocks(A) == 100_000);
  }

  @Test
  void requestsRetransmissionOfWhatTheStoreLost() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));

    cable.loseAppends(true);
    one.route(A, chain(1, 20));
    await().until(() -> one.blocks(A) == 20 && one.replicator.figures().backlogBytes() == 0);
    cable.loseAppends(false);

    await().until(() -> other.blocks(A) == 20);
    assertThat(other.replicator.figures().lostBatches()).isZero();
  }

  @Test
  void goesOnWithAStoreThatLostEverything() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    RunningReplica other = start(2, new Cable(store));
    one.route(A, chain(1, 20));
    await().until(() -> other.blocks(A) == 20);

    store.lose();
    one.route(B, chain(1, 30));
    await().until(() -> other.blocks(B) == 30);

    RunningReplica joining = start(3, new Cable(store));
    await().until(() -> joining.blocks(A) == 20 && joining.blocks(B) == 30);
  }

  @Test
  void appliesABatchOnceThatIsSentTwice() throws Exception {
    var cable = new Cable(store);
    cable.duplicateAppends(true);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));

    one.open(A, 7, 70);
    one.route(A, chain(1, 20));
    await().until(() -> other.requests(A) == 7 && other.blocks(A) == 20);
  }

  @Test
  void neverLetsRequestsWaitForAStoreThatHangs() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    cable.hang(true);

    for (int i = 0; i < 10_000; i++) {
      one.open(A, 1, 1).release();
      one.route(A, chain(10L * i + 1, 10));
    }
    await().until(() -> one.blocks(A) == 100_000);
    long before = System.nanoTime();
    one.close();
    running.remove(one);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void skipsBatchesThatItDoesNotUnderstand() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    RunningReplica other = start(2, new Cable(store));

    store.append(List.of(new byte[0], new byte[] {9, 9, 9}, new byte[100]));
    one.route(A, chain(1, 20));

    await().until(() -> other.blocks(A) == 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "read", "isStarting"})
  void goesOnAfterACallThatFailsAsNoneShould(String method) throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    RunningReplica other = start(2, new Cable(store));

    cable.throwOnce(method);
    one.open(A, 1, 1);
    await().until(() -> !cable.isToThrow(method) && !one.threads.failed.isEmpty());
    one.route(A, chain(1, 20));
    other.route(B, chain(1, 30));

    await().until(() -> other.blocks(A) == 20 && one.blocks(B) == 30);
    await().until(() -> one.replicator.status().state() == State.SHARING);
    assertThat(one.replicator.figures().replicas()).isOne();
  }

  @ParameterizedTest
  @ValueSource(strings = {"extent", "snapshot", "chunk", "read", "append", "isStarting"})
  void startsDespiteACallThatFailsAsNoneShould(String method) throws Exception {
    RunningReplica one = start(1, new Cable(store));
    one.route(A, chain(1, 20));
    await().until(() -> one.blocks(A) == 20 && one.replicator.figures().backlogBytes() == 0);
    store.trim(0);
    RunningReplica witness = start(2, new Cable(store)); // has a snapshot written
    await().until(() -> witness.blocks(A) == 20);

    var cable = new Cable(store);
    cable.throwOnce(method);
    RunningReplica joining = start(3, cable);

    await().until(() -> joining.blocks(A) == 20);
    assertThat(joining.threads.failed).isNotEmpty();
  }

  @Test
  void writesASnapshotAfterOneThatFailedAsNoneShould() throws Exception {
    var cable = new Cable(store);
    RunningReplica one = start(1, cable);
    one.route(A, chain(1, 20));
    await().until(() -> one.blocks(A) == 20 && one.replicator.figures().backlogBytes() == 0);
    store.trim(0);

    cable.throwOnce("putSnapshot");
    RunningReplica joining = start(2, new Cable(store));

    await().until(() -> joining.blocks(A) == 20);
    assertThat(one.threads.failed).contains("replication-snapshot");
  }

  @Test
  void forgetsADeadPeersWorkWhileItsOwnReadingHangs() throws Exception {
    var dying = new Cable(store);
    var hanging = new Cable(store);
    RunningReplica one = start(1, dying);
    RunningReplica other = start(2, hanging);
    one.open(A, 5, 0);
    await().until(() -> other.requests(A) == 5);

    hanging.hang(true);
    dying.cut(true);

    await().atMost(SETTINGS.lease().multipliedBy(10)).until(() -> other.requests(A) == 0);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> other.replicator.status().state() == State.CUT_OFF);
    assertThat(other.replicator.status().detail()).contains("has hung for");
    hanging.hang(false);
    await().until(() -> other.replicator.status().state() == State.SHARING);
  }

  @Test
  void isNotSharingBeforeAnythingWasRead() throws Exception {
    var cable = new Cable(store);
    cable.hang(true);
    RunningReplica replica = impatient(cable);
    replica.replicator.start();

    assertThat(replica.replicator.awaitWarm()).isFalse();
    assertThat(replica.replicator.status().state()).isEqualTo(State.JOINING);
    cable.hang(false);
    await().until(() -> replica.replicator.status().state() == State.SHARING);
  }

  @Test
  void joinsWithoutASnapshotThatCannotBeRead() throws Exception {
    RunningReplica one = start(1, new Cable(store));
    one.route(A, chain(1, 20));
    await().until(() -> one.blocks(A) == 20 && one.replicator.figures().backlogBytes() == 0);
    store.putSnapshot(store.extent().newest(), chunks(new byte[] {9, 9, 9}));

    RunningReplica joining = start(2, new Cable(store));

    await().until(() -> joining.blocks(A) == 20);
    assertThat(joining.observed.refused).isNotEmpty();
  }

  @Test
  void leavesASnapshotForReplicasThatStartAfterTheLastOneStopped() throws Exception {
    var oftenWriting =
        new ReplicationSettings(
            SETTINGS.flushInterval(),
            SETTINGS.lease(),
            SETTINGS.warmUpTimeout(),
            SETTINGS.backlogBytes(),
            Duration.ofSeconds(5),
            null);
    var last = new RunningReplica(1, new Cable(store), oftenWriting);
    last.add(A);
    last.replicator.start();
    assertThat(last.replicator.awaitWarm()).isTrue();
    last.route(A, chain(1, 50));
    await().atMost(Duration.ofSeconds(20)).until(() -> store.snapshot() != null);
    last.close();
    store.trim(0);

    RunningReplica first = start(2, new Cable(store));
    await().until(() -> first.blocks(A) == 50);
    assertThat(store.read(Position.START, 1, Duration.ZERO).hasGap()).isTrue();
  }
}
