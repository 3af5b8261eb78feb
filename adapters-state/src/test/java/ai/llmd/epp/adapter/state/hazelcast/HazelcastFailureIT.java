package ai.llmd.epp.adapter.state.hazelcast;

import static ai.llmd.epp.application.port.out.ReplicationLogContract.chunks;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.core.Hazelcast;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replicas that form a cluster, and what becomes of calls when some of them go. */
class HazelcastFailureIT {

  private static final Duration NO_WAIT = Duration.ZERO;
  private static final Duration LONG_WAIT = Duration.ofSeconds(60);

  /** The timeout, and some patience with a busy machine. */
  private static final Duration BOUND = Duration.ofSeconds(15);

  private final String pool = UUID.randomUUID().toString();
  private final List<AutoCloseable> closed = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : closed.reversed()) {
      one.close();
    }
  }

  private ReplicationLog log(List<String> members) {
    var log =
        new HazelcastReplicationLog(
            HazelcastSettings.of(members), "ns", pool, Duration.ofSeconds(60));
    closed.add(log);
    return log;
  }

  private HazelcastMemberProcess process(List<String> members) throws Exception {
    HazelcastMemberProcess process = HazelcastMemberProcess.start(members, pool);
    closed.add(process);
    process.awaitAppended();
    return process;
  }

  private static <T> T eventually(Callable<T> call) {
    List<T> answer = new ArrayList<>();
    await()
        .atMost(120, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(() -> answer.add(call.call()));
    return answer.getLast();
  }

  private static List<String> texts(Page page) {
    return page.entries().stream().map(Entry::batch).map(b -> new String(b, UTF_8)).toList();
  }

  /** A member that has just come holds no copies yet. */
  private static void awaitBackups(int members) {
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(
            () ->
                Hazelcast.getAllHazelcastInstances().stream()
                    .allMatch(
                        member ->
                            member.getCluster().getMembers().size() == members
                                && member.getPartitionService().isClusterSafe()));
  }

  @Test
  void callsFailUntilItIsUpAndTheStartWaitsForNothing() throws Exception {
    long before = System.nanoTime();
    ReplicationLog log = log(LoopbackPorts.free(1));
    Duration elapsed = Duration.ofNanos(System.nanoTime() - before);
    var failure =
        catchThrowableOfType(StoreException.class, () -> log.append(List.of(new byte[1])));

    assertThat(elapsed).isLessThan(Duration.ofSeconds(5));
    assertThat(failure).hasMessageStartingWith("hazelcast is starting");
    eventually(() -> log.append(List.of(new byte[1])));
  }

  @Test
  void threeReplicasWithTheSameListFormOneCluster() throws Exception {
    List<String> members = LoopbackPorts.free(3);
    List<ReplicationLog> logs = List.of(log(members), log(members), log(members));
    logs.forEach(log -> eventually(log::extent));

    // those that began side by side may need a while to find together
    for (ReplicationLog log : logs) {
      String text = "from " + logs.indexOf(log);
      await()
          .atMost(120, TimeUnit.SECONDS)
          .ignoreExceptionsInstanceOf(StoreException.class)
          .until(
              () -> {
                log.append(List.of(text.getBytes(UTF_8)));
                boolean isSeenByAll = true;
                for (ReplicationLog other : logs) {
                  isSeenByAll &= texts(other.read(Position.START, 256, NO_WAIT)).contains(text);
                }
                return isSeenByAll;
              });
    }
    assertThat(logs.stream().map(HazelcastFailureIT::newest).distinct()).hasSize(1);
  }

  private static Position newest(ReplicationLog log) {
    return eventually(() -> log.extent().newest());
  }

  @Test
  void aReplicaThatIsKilledTakesNothingWithItAndDelaysNoCallBeyondTheTimeout() throws Exception {
    List<String> members = LoopbackPorts.free(3);
    HazelcastMemberProcess owner = process(members); // alone at first, so it owns everything
    ReplicationLog log = log(members);
    Position theirs = eventually(log::extent).newest();
    eventually(() -> log.append(List.of("ours".getBytes(UTF_8))));
    eventually(
        () -> {
          log.putSnapshot(theirs, chunks(new byte[] {7}));
          return theirs;
        });
    awaitBackups(2);
    Page before = eventually(() -> log.read(Position.START, 100, NO_WAIT));
    FutureTask<Page> reading = new FutureTask<>(() -> log.read(before.next(), 10, LONG_WAIT));
    Thread.ofVirtual().start(reading);

    owner.kill();
    long killed = System.nanoTime();
    List<Duration> calls = new ArrayList<>();
    eventually(() -> timed(calls, () -> log.append(List.of("later".getBytes(UTF_8)))));
    Duration outage = Duration.ofNanos(System.nanoTime() - killed);

    assertThat(calls).allSatisfy(call -> assertThat(call).isLessThan(BOUND));
    assertThat(outage).isLessThan(Duration.ofSeconds(45));
    assertThat(texts(before)).contains("theirs", "ours");
    assertThat(texts(reading.get(60, TimeUnit.SECONDS))).contains("later");
    assertThat(eventually(() -> Objects.requireNonNull(log.snapshot()).chunks().next()))
        .containsExactly(7);
  }

  private static <T> T timed(List<Duration> calls, Callable<T> call) throws Exception {
    long before = System.nanoTime();
    try {
      return call.call();
    } finally {
      calls.add(Duration.ofNanos(System.nanoTime() - before));
    }
  }

  @Test
  void aReplicaThatHangsDelaysNoCallBeyondTheTimeoutAndIsLeftBehind() throws Exception {
    List<String> members = LoopbackPorts.free(2);
    HazelcastMemberProcess owner = process(members);
    ReplicationLog log = log(members);
    eventually(() -> log.append(List.of("ours".getBytes(UTF_8))));
    awaitBackups(2);

    owner.signal("STOP");
    List<Duration> calls = new ArrayList<>();
    eventually(() -> timed(calls, () -> log.append(List.of("later".getBytes(UTF_8)))));
    Page page = eventually(() -> log.read(Position.START, 100, NO_WAIT));

    assertThat(calls).allSatisfy(call -> assertThat(call).isLessThan(BOUND));
    assertThat(texts(page)).contains("theirs", "ours", "later");
  }

  @Test
  void aReplicaThatLeavesHandsOverWhatItKept() throws Exception {
    List<String> members = LoopbackPorts.free(2);
    ReplicationLog first = log(members);
    eventually(() -> first.append(List.of("first".getBytes(UTF_8))));
    ReplicationLog second = log(members);
    eventually(() -> second.append(List.of("second".getBytes(UTF_8))));

    first.close();

    Page page = eventually(() -> second.read(Position.START, 100, NO_WAIT));
    assertThat(texts(page)).containsSubsequence("first", "second");
    assertThat(page.hasGap()).isFalse();
  }

  @Test
  void replicasOfAnotherPoolAreNotLetIn() throws Exception {
    List<String> members = LoopbackPorts.free(2);
    ReplicationLog log = log(members);
    eventually(() -> log.append(List.of("ours".getBytes(UTF_8))));
    var other =
        new HazelcastReplicationLog(
            HazelcastSettings.of(members), "ns", "other", Duration.ofSeconds(60));
    closed.add(other);

    assertThat(eventually(other::extent).newest()).isEqualTo(Position.START);
  }
}
