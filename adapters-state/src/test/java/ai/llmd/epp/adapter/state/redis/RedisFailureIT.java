package ai.llmd.epp.adapter.state.redis;

import static ai.llmd.epp.application.port.out.ReplicationLogContract.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.port.out.SecretSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of calls when the server does not do its part. */
class RedisFailureIT {

  private static final Duration NO_WAIT = Duration.ZERO;
  private static final Duration SHORT = Duration.ofMillis(500);

  /** Where no call is meant to run into it, however busy the machine is. */
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Connecting and answering in a short time, on a busy machine. */
  private static final Duration BOUND = Duration.ofSeconds(15);

  private final List<AutoCloseable> closed = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : closed.reversed()) {
      one.close();
    }
  }

  private RedisServer server(String... arguments) {
    RedisServer server = new RedisServer(arguments);
    closed.add(server);
    return server.start();
  }

  private ReplicationLog log(String uri) {
    return log(settings(uri, "", null, LONG));
  }

  private ReplicationLog impatientLog(String uri) {
    return log(settings(uri, "", null, SHORT));
  }

  private ReplicationLog log(RedisSettings settings) {
    var log = new RedisReplicationLog(settings, "ns", "pool", Duration.ofSeconds(60));
    closed.add(log);
    return log;
  }

  private static RedisSettings settings(
      String uri, String username, @Nullable SecretSource password, Duration timeout) {
    return settings(RedisAddress.parse(uri, false), username, password, timeout);
  }

  private static RedisSettings settings(
      RedisAddress address, String username, @Nullable SecretSource password, Duration timeout) {
    return new RedisSettings(
        address, username, password, null, null, null, timeout, timeout, 10_000);
  }

  private static StoreException failure(ThrowingCallable call) {
    StoreException failure = catchThrowableOfType(StoreException.class, call);
    assertThat(failure).as("a failure").isNotNull();
    return failure;
  }

  /** As in a program that goes on trying. */
  private static <T> T eventually(Callable<T> call) {
    List<T> answer = new ArrayList<>();
    await()
        .atMost(20, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(() -> answer.add(call.call()));
    return answer.getLast();
  }

  @Test
  void aServerThatIsNotThereIsAFailureOfTheCallAndNotOfTheStart() throws Exception {
    int closedPort;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closedPort = socket.getLocalPort();
    }
    ReplicationLog log = log("redis://127.0.0.1:" + closedPort);

    assertThat(failure(() -> log.append(List.of(new byte[1]))))
        .hasMessage(
            "redis at redis://127.0.0.1:%s cannot be reached, or closed the connection",
            closedPort);
    assertThat(failure(() -> log.read(Position.START, 1, NO_WAIT))).hasMessageContaining("reached");
    assertThat(failure(log::snapshot)).hasMessageContaining("reached");
  }

  @Test
  void anUnknownHostIsNamed() {
    ReplicationLog log = log("redis://no-such-host.invalid");

    assertThat(failure(log::extent)).hasMessageContaining("no-such-host.invalid:6379");
  }

  @Test
  void aServerThatIsKilledAndStartedAnewIsUsedAgainAndTheLossIsSeen() throws Exception {
    RedisServer server = server();
    ReplicationLog log = log(server.uri());
    Position end = log.append(List.of(new byte[1], new byte[2]));
    log.read(Position.START, 10, NO_WAIT);

    server.kill();
    failure(() -> log.append(List.of(new byte[3])));
    failure(() -> log.read(end, 10, NO_WAIT));
    server.start();

    log.append(List.of(new byte[4]));
    Page page = log.read(end, 10, NO_WAIT);
    assertThat(page.hasGap()).isTrue();
    assertThat(page.entries()).singleElement().extracting(e -> e.batch().length).isEqualTo(4);
  }

  @Test
  void aReadThatWaitsEndsWhenTheServerIsKilled() throws Exception {
    RedisServer server = server();
    ReplicationLog log = log(server.uri());
    Position end = log.append(List.of(new byte[1]));
    FutureTask<Page> reading = new FutureTask<>(() -> log.read(end, 10, Duration.ofSeconds(60)));
    Thread.ofVirtual().start(reading);
    await().until(() -> server.command("CLIENT", "LIST").contains("cmd=xread"));

    server.kill();

    await().atMost(BOUND).until(reading::isDone);
    assertThat(reading.exceptionNow()).isInstanceOf(StoreException.class);
  }

  @Test
  void aServerThatHangsDelaysNoCallBeyondTheTimeouts() throws Exception {
    RedisServer server = server();
    ReplicationLog log = impatientLog(server.uri());
    eventually(() -> log.append(List.of(new byte[1])));
    Position end = eventually(() -> log.read(Position.START, 10, NO_WAIT)).next();
    eventually(log::extent);

    server.hold();
    long before = System.nanoTime();
    StoreException appending = failure(() -> log.append(List.of(new byte[2])));
    StoreException again = failure(() -> log.append(List.of(new byte[2])));
    failure(() -> log.read(end, 10, Duration.ofMillis(100)));
    failure(log::snapshot);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - before);
    server.resume();

    assertThat(appending).hasMessageContaining("did not answer within 500ms");
    assertThat(again).hasMessageContaining("could not be connected to within 500ms");
    assertThat(elapsed).isLessThan(BOUND);
    eventually(() -> log.append(List.of(new byte[3])));
    assertThat(eventually(() -> log.read(end, 10, NO_WAIT)).hasGap()).isFalse();
  }

  @Test
  void aPeerThatAcceptsAndNeverAnswersDelaysNoCallBeyondTheTimeout() throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      ReplicationLog log = impatientLog("redis://127.0.0.1:" + silent.getLocalPort());

      long before = System.nanoTime();
      failure(() -> log.append(List.of(new byte[1])));

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(BOUND);
    }
  }

  @Test
  void aSlowNetworkIsNoFailure() throws Exception {
    RedisServer server = server();
    try (var proxy = new DelayingProxy(server.port(), 200)) {
      ReplicationLog log = log("redis://127.0.0.1:" + proxy.port());

      Position end = log.append(List.of(new byte[1], new byte[2]));
      Page page = log.read(Position.START, 10, NO_WAIT);

      assertThat(page.next()).isEqualTo(end);
      assertThat(page.entries()).hasSize(2);
    }
  }

  @Test
  void aServerThatIsFullRefusesToAppendAndIsStillRead() throws Exception {
    RedisServer server = server("maxmemory-policy noeviction");
    ReplicationLog log = log(server.uri());
    Position end = log.append(List.of(new byte[1]));
    server.command("CONFIG", "SET", "maxmemory", "1");

    assertThat(failure(() -> log.append(List.of(new byte[100]))))
        .hasMessageContaining("is full: maxmemory is reached (OOM)");
    assertThat(log.read(Position.START, 10, NO_WAIT).next()).isEqualTo(end);
    server.command("CONFIG", "SET", "maxmemory", "0");

    Position next = log.append(List.of(new byte[2]));
    Page page = log.read(end, 10, NO_WAIT);
    assertThat(page.next()).isEqualTo(next);
    assertThat(page.hasGap()).isFalse();
  }

  @Test
  void aFlushIsSeenByAReadThatWaits() throws Exception {
    RedisServer server = server();
    ReplicationLog log = log(server.uri());
    ReplicationLog other = log(server.uri());
    Position end = log.append(List.of(new byte[1], new byte[2]));
    log.read(Position.START, 10, NO_WAIT);
    FutureTask<Page> reading = new FutureTask<>(() -> log.read(end, 10, Duration.ofSeconds(20)));
    Thread.ofVirtual().start(reading);
    await().until(() -> server.command("CLIENT", "LIST").contains("cmd=xread"));

    server.command("FLUSHALL");
    other.append(List.of(new byte[3]));

    Page page = reading.get(10, TimeUnit.SECONDS);
    assertThat(page.hasGap()).isTrue();
    assertThat(page.entries()).hasSize(1);
  }

  @Test
  void forgottenScriptsAreSentAgain() throws Exception {
    RedisServer server = server();
    ReplicationLog log = log(server.uri());
    log.append(List.of(new byte[1]));

    server.command("SCRIPT", "FLUSH");
    log.append(List.of(new byte[2]));

    assertThat(log.read(Position.START, 10, NO_WAIT).entries()).hasSize(2);
  }

  @Test
  void aReplicaThatMayNotBeWrittenIsDistinguished() throws Exception {
    RedisServer primary = server();
    RedisServer replica = server("replicaof 127.0.0.1 " + primary.port());
    ReplicationLog log = log(replica.uri());

    // while it copies the primary's data it is loading
    await()
        .atMost(60, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(failure(() -> log.append(List.of(new byte[1]))))
                    .hasMessageContaining("is a read-only replica (READONLY)"));
  }

  @Test
  void theRightPasswordOpensAndTheWrongOneIsNeverShown(@TempDir Path folder) throws Exception {
    RedisServer server = server("user epp on >open-sesame ~epp:* +@all", "user default off");
    Path file = Files.writeString(folder.resolve("password"), "sesame-wrong\n");
    ReplicationLog log = log(settings(server.uri(), "epp", new SecretSource(file, null), LONG));

    StoreException refused = failure(() -> log.append(List.of(new byte[1])));
    Files.writeString(file, "open-sesame\n");
    log.append(List.of(new byte[1]));
    Files.delete(file);
    ReplicationLog other = log(settings(server.uri(), "epp", new SecretSource(file, null), LONG));
    StoreException missing = failure(other::extent);

    assertThat(refused).hasMessageEndingWith("refused the credentials");
    assertThat(everyMessage(refused)).doesNotContain("sesame");
    assertThat(missing).hasMessageContaining("the password is missing: file " + file);
    assertThat(log.address()).isEqualTo(server.uri());
  }

  @Test
  void aClusterThatRefusesThePasswordIsDistinguished(@TempDir Path folder) throws Exception {
    RedisServer node = server("cluster-enabled yes", "requirepass open-sesame");
    Path file = Files.writeString(folder.resolve("password"), "sesame-wrong\n");
    RedisAddress address = RedisAddress.parse(node.uri(), true);
    ReplicationLog log = log(settings(address, "", new SecretSource(file, null), LONG));

    StoreException refused = failure(log::extent);

    assertThat(refused).hasMessageEndingWith("refused the credentials");
    assertThat(everyMessage(refused)).doesNotContain("sesame");
  }

  private static String everyMessage(Throwable failure) {
    StringBuilder messages = new StringBuilder();
    for (Throwable one = failure; one != null; one = one.getCause()) {
      messages.append(one).append('\n');
    }
    return messages.toString();
  }

  @Test
  void theCommandsThatTheManualGrantsAreEnough(@TempDir Path folder) throws Exception {
    String granted =
        "+evalsha +eval +xread +xrange +xrevrange +hmget +llen +lindex +unlink +ping"
            + " +client|setname"
            + " +time +incrby +xadd +xtrim +pexpire +rpush +hget +hset";
    RedisServer server = server("user epp on >open-sesame ~epp:* -@all " + granted);
    Path file = Files.writeString(folder.resolve("password"), "open-sesame");
    ReplicationLog log = log(settings(server.uri(), "epp", new SecretSource(file, null), LONG));

    Position position = log.append(List.of(new byte[1]));
    log.putSnapshot(position, chunks(new byte[1]));

    assertThat(log.read(Position.START, 10, NO_WAIT).next()).isEqualTo(position);
    assertThat(log.extent().newest()).isEqualTo(position);
    assertThat(Objects.requireNonNull(log.snapshot()).chunks().next()).hasSize(1);
    assertThat(read("docs/state-store.md")).contains(granted.split(" ", -1));
  }

  private static String read(String page) throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve(page))) {
      folder = Objects.requireNonNull(folder.getParent(), "the tests run outside a checkout");
    }
    return Files.readString(folder.resolve(page));
  }

  @Test
  void aServerThatWantsAPasswordIsReported() {
    RedisServer server = server("requirepass open-sesame");
    ReplicationLog log = log(server.uri());

    assertThat(failure(() -> log.append(List.of(new byte[1]))))
        .hasMessageEndingWith("refused the credentials");
  }

  @Test
  void aWrongKindOfAnswerIsAFailureToo() {
    RedisServer server = server();
    server.command("SET", RedisKeys.of("ns", "pool").log(), "another program's");
    ReplicationLog log = log(server.uri());

    assertThat(failure(() -> log.append(List.of(new byte[1])))).hasMessageContaining("WRONGTYPE");
  }
}
