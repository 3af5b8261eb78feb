package ai.llmd.epp.adapter.state.redis;

import static ai.llmd.epp.application.port.out.ReplicationLogContract.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.state.redis.RedisSettings.ClientCertificate;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which Redis is installed. */
class RedisInstallationIT {

  private static final Duration NO_WAIT = Duration.ZERO;
  private static final int SLOTS = 16384;

  /** No call is meant to run into it, however busy the machine is. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<AutoCloseable> closed = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : closed.reversed()) {
      one.close();
    }
  }

  private RedisServer started(RedisServer server) {
    closed.add(server);
    return server.start();
  }

  private ReplicationLog log(RedisAddress address, @Nullable Path caFile) {
    return log(address, caFile, null);
  }

  private ReplicationLog log(
      RedisAddress address, @Nullable Path caFile, @Nullable TestCertificate shown) {
    ClientCertificate certificate =
        shown == null ? null : new ClientCertificate(shown.certificate(), shown.key());
    var settings =
        new RedisSettings(address, "", null, null, caFile, certificate, PATIENCE, PATIENCE, 10_000);
    var log = new RedisReplicationLog(settings, "ns", "pool", Duration.ofSeconds(60));
    closed.add(log);
    return log;
  }

  @Test
  void followsSentinelsToThePrimaryOfToday() throws Exception {
    RedisServer primary = started(new RedisServer());
    RedisServer replica = started(new RedisServer("replicaof 127.0.0.1 " + primary.port()));
    RedisServer sentinel = started(RedisServer.sentinel("main", primary));
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> sentinel.command("SENTINEL", "REPLICAS", "main").equals("*1"));
    ReplicationLog log =
        log(
            RedisAddress.parse("redis-sentinel://127.0.0.1:" + sentinel.port() + "/main", false),
            null);
    Position before = log.append(List.of(new byte[1]));
    log.read(Position.START, 10, NO_WAIT);
    await().atMost(60, TimeUnit.SECONDS).until(() -> newestOf(replica).equals(before));

    primary.kill();

    List<Position> after = new ArrayList<>();
    await()
        .atMost(120, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(() -> after.add(log.append(List.of(new byte[2]))));
    Page page = log.read(before, 10, NO_WAIT);
    assertThat(page.next()).isEqualTo(after.getLast());
    assertThat(page.hasGap()).isFalse();
    assertThat(replica.command("EXISTS", RedisKeys.of("ns", "pool").log())).isEqualTo(":1");
  }

  private Position newestOf(RedisServer server) throws StoreException {
    return log(RedisAddress.parse(server.uri(), false), null).extent().newest();
  }

  @Test
  void keepsAPoolInOneSlotOfACluster() throws Exception {
    List<RedisServer> nodes =
        Stream.generate(RedisServer::clusterNode).limit(3).map(this::started).toList();
    for (int i = 0; i < nodes.size(); i++) {
      assign(nodes.get(i), i * SLOTS / 3, (i + 1) * SLOTS / 3);
      nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
      if (i > 0) {
        nodes
            .getFirst()
            .command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(nodes.get(i).port()));
      }
    }
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> nodes.stream().allMatch(RedisInstallationIT::knowsTheWholeCluster));
    RedisAddress address = RedisAddress.parse("redis://127.0.0.1:" + nodes.getFirst().port(), true);
    ReplicationLog log = log(address, null);

    Position last = log.append(List.of(new byte[1], new byte[2]));
    log.putSnapshot(last, chunks(new byte[10]));

    assertThat(log.read(Position.START, 10, NO_WAIT).next()).isEqualTo(last);
    assertThat(log.snapshot()).isNotNull();
    assertThat(nodes.stream().map(node -> node.command("DBSIZE")))
        .containsExactlyInAnyOrder(":4", ":0", ":0");
  }

  private static void assign(RedisServer node, int from, int to) {
    Stream<String> slots = IntStream.range(from, to).mapToObj(Integer::toString);
    node.command(Stream.concat(Stream.of("CLUSTER", "ADDSLOTS"), slots).toArray(String[]::new));
  }

  private static boolean knowsTheWholeCluster(RedisServer node) {
    String info = node.command("CLUSTER", "INFO");
    return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3");
  }

  @Test
  void encryptsAndTrustsTheAuthorityThatIsNamed(@TempDir Path folder) throws Exception {
    TestCertificate certificate = TestCertificate.in(folder);
    RedisServer server =
        started(
            RedisServer.tls(certificate.certificate(), certificate.key(), "tls-auth-clients no"));
    RedisAddress address = RedisAddress.parse("rediss://127.0.0.1:" + server.port(), false);
    ReplicationLog trusting = log(address, certificate.certificate());
    ReplicationLog distrusting = log(address, null);

    Position last = trusting.append(List.of(new byte[1]));

    assertThat(trusting.extent().newest()).isEqualTo(last);
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(distrusting::extent)
        .withMessageContaining("TLS failed");
  }

  @Test
  void showsTheCertificateThatTheServerDemands(@TempDir Path folder) throws Exception {
    TestCertificate authority = TestCertificate.in(folder);
    RedisAddress address = demanding(authority);
    ReplicationLog log = log(address, authority.certificate(), authority.issue(folder, "client"));

    Position last = log.append(List.of(new byte[1]));

    assertThat(log.read(Position.START, 10, NO_WAIT).next()).isEqualTo(last);
  }

  @Test
  void isRefusedWithoutACertificate(@TempDir Path folder) throws Exception {
    TestCertificate authority = TestCertificate.in(folder);
    ReplicationLog log = log(demanding(authority), authority.certificate());

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(log::extent)
        .withMessageContaining("TLS failed: (certificate_required)");
  }

  @Test
  void isRefusedWithACertificateThatTheServerDoesNotTrust(
      @TempDir Path folder, @TempDir Path another) throws Exception {
    TestCertificate authority = TestCertificate.in(folder);
    TestCertificate stranger = TestCertificate.in(another).issue(another, "stranger");
    ReplicationLog log = log(demanding(authority), authority.certificate(), stranger);

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(log::extent)
        .withMessageContaining("TLS failed");
  }

  /** Address of a server that wants to see a certificate of its own authority. */
  private RedisAddress demanding(TestCertificate authority) {
    RedisServer server =
        started(
            RedisServer.tls(
                authority.certificate(),
                authority.key(),
                "tls-auth-clients yes",
                "tls-ca-cert-file " + authority.certificate()));
    return RedisAddress.parse("rediss://127.0.0.1:" + server.port(), false);
  }
}
