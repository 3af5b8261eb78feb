package ai.llmd.epp.replication;

import static ai.llmd.epp.replication.RunningReplica.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.MemoryReplicationLog;
import ai.llmd.epp.application.port.out.ReplicaPeer;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.domain.pool.EndpointId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What plugins know of engines' caches, on its way to a replica that joins. */
@Timeout(120)
class EngineCachesTest {

  private static final EndpointId A = new EndpointId("ns", "a");
  private static final EndpointId B = new EndpointId("ns", "b");

  private final MemoryReplicationLog store = new MemoryReplicationLog();
  private final List<RunningReplica> running = new ArrayList<>();

  private RunningReplica start(RunningReplica replica) {
    running.add(RunningReplica.start(replica, A, B));
    return replica;
  }

  @AfterEach
  void stop() {
    running.forEach(RunningReplica::close);
  }

  @Test
  void hasWhatPeersKnowOfEnginesCachesBeforeItIsWarm() throws Exception {
    RunningReplica one = start(new RunningReplica(1, new Cable(store), SETTINGS).sharingCaches());
    assertThat(one.replicator.awaitWarm()).isTrue();
    RunningReplica other = start(new RunningReplica(3, new Cable(store), SETTINGS));
    await().until(() -> other.replicator.peers().stream().anyMatch(ReplicaPeer::isReady));
    one.caches.known.put(A, List.of(new byte[] {1}, new byte[100_000], new byte[] {3}));
    one.caches.known.put(B, List.of(new byte[] {4}));

    var late = new RunningReplica(2, new Cable(store), SETTINGS).sharingCaches();
    late.caches.isSettled = false;
    start(late);
    var warm = CompletableFuture.supplyAsync(() -> isWarm(late));
    await()
        .untilAsserted(
            () -> {
              assertThat(late.caches.taken.get(B)).containsExactly(new byte[] {4});
              assertThat(late.caches.taken.get(A))
                  .containsExactly(new byte[] {1}, new byte[100_000], new byte[] {3});
            });
    assertThat(warm).as("while something is being replayed").isNotDone();
    late.caches.isSettled = true;
    assertThat(warm.join()).isTrue();
    assertThat(one.caches.taken).isEmpty();
  }

  /** Its next heartbeat is minutes away, and a replica that starts before it is to ask this one. */
  @Test
  void saysAtOnceThatItKnowsWhatPeersDo() throws Exception {
    var slow =
        new ReplicationSettings(
            Duration.ofMillis(5),
            Duration.ofMinutes(5),
            Duration.ofSeconds(20),
            64 << 10,
            Duration.ofMinutes(10),
            null);
    RunningReplica one = start(new RunningReplica(1, new Cable(store), slow).sharingCaches());
    assertThat(one.replicator.awaitWarm()).isTrue();
    one.caches.known.put(A, List.of(new byte[] {1}));
    RunningReplica witness = start(new RunningReplica(3, new Cable(store), slow));
    await().until(() -> witness.replicator.peers().stream().anyMatch(ReplicaPeer::isReady));

    RunningReplica late = start(new RunningReplica(2, new Cable(store), slow).sharingCaches());
    assertThat(late.replicator.awaitWarm()).isTrue();
    assertThat(late.caches.taken.get(A)).containsExactly(new byte[] {1});
  }

  private static boolean isWarm(RunningReplica replica) {
    try {
      return replica.replicator.awaitWarm();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
