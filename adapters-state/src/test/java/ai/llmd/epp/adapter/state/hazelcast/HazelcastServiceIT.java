package ai.llmd.epp.adapter.state.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas that find each other by a name, as they do by that of a headless Kubernetes service:
 * each has an address of its own, and all have the same port. A file takes the place of the name
 * service.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the loopback is 127.0.0.1 alone")
class HazelcastServiceIT {

  private static final String SERVICE = "epp-members.test";
  private static final List<String> ADDRESSES = List.of("127.0.0.2", "127.0.0.3");

  /** How long a JVM believes an answer of the name service; 30 s by default. */
  private static final int CACHED_SECONDS = 1;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path folder;

  private final String pool = UUID.randomUUID().toString();
  private final List<AutoCloseable> closed = new ArrayList<>();
  private int port;

  @BeforeEach
  void choosePort() throws IOException {
    port = LoopbackPorts.freeEverywhere();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : closed.reversed()) {
      one.close();
    }
  }

  /** The answer of a name service that knows so many of the addresses. */
  private Path hosts(List<String> addresses) throws IOException {
    return write(Files.createTempFile(folder, "hosts", ""), addresses);
  }

  private static Path write(Path hosts, List<String> addresses) throws IOException {
    List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
    addresses.forEach(address -> lines.add(address + ' ' + SERVICE));
    return Files.write(hosts, lines);
  }

  private HazelcastMemberProcess member(Path hosts) throws IOException {
    return replica(hosts, false, false);
  }

  private HazelcastMemberProcess replica(Path hosts, boolean isClient, boolean acceptsClients)
      throws IOException {
    var settings =
        new HazelcastSettings(
            List.of(),
            SERVICE,
            port,
            isClient,
            acceptsClients,
            "",
            "",
            HazelcastSettings.DEFAULT_TIMEOUT,
            HazelcastSettings.DEFAULT_MAX_ENTRIES);
    var replica =
        HazelcastMemberProcess.start(
            List.of("-Djdk.net.hosts.file=" + hosts, "-Dsun.net.inetaddr.ttl=" + CACHED_SECONDS),
            settings,
            pool);
    closed.add(replica);
    return replica;
  }

  /** They repeat it until it arrives: parts that find together lose what one kept. */
  private static void awaitTogether(HazelcastMemberProcess first, HazelcastMemberProcess second) {
    awaitSeen("from the first", () -> appendedBy(second, first, "from the first"));
    awaitSeen("from the second", () -> appendedBy(first, second, "from the second"));
  }

  private static List<String> appendedBy(
      HazelcastMemberProcess reader, HazelcastMemberProcess writer, String text)
      throws IOException {
    writer.append(text);
    return reader.append("reading");
  }

  private static void awaitSeen(String text, Callable<List<String>> log) {
    await().atMost(PATIENCE).until(() -> log.call().contains(text));
  }

  private void assertThatAllAddressesAreListenedAt() {
    assertThat(ADDRESSES)
        .allSatisfy(
            address ->
                assertThatCode(() -> new Socket(address, port).close()).doesNotThrowAnyException());
  }

  @Test
  void aReplicaJoinsTheOneThatIsThere() throws Exception {
    HazelcastMemberProcess first = member(hosts(ADDRESSES));
    first.awaitAppended();
    awaitSeen("early", () -> first.append("early"));
    HazelcastMemberProcess second = member(hosts(ADDRESSES));
    second.awaitAppended();

    awaitSeen("early", () -> second.append("late"));
    awaitTogether(first, second);
    assertThatAllAddressesAreListenedAt();
  }

  @Test
  void replicasThatStartSideBySideTakeAnAddressEachAndFindTogether() throws Exception {
    HazelcastMemberProcess first = member(hosts(ADDRESSES));
    HazelcastMemberProcess second = member(hosts(ADDRESSES));
    first.awaitAppended();
    second.awaitAppended();

    awaitTogether(first, second);
    assertThatAllAddressesAreListenedAt();
  }

  @Test
  void replicasThatResolveLateFindTogether() throws Exception {
    Path hostsOfFirst = hosts(ADDRESSES.subList(0, 1));
    Path hostsOfSecond = hosts(ADDRESSES.subList(1, 2));
    HazelcastMemberProcess first = member(hostsOfFirst);
    HazelcastMemberProcess second = member(hostsOfSecond);
    first.awaitAppended();
    second.awaitAppended();
    assertThat(appendedBy(second, first, "unheard")).doesNotContain("unheard");

    write(hostsOfFirst, ADDRESSES);
    write(hostsOfSecond, ADDRESSES);

    awaitTogether(first, second);
  }

  @Test
  void aReplicaIsUpBeforeTheNameIsKnown() throws Exception {
    HazelcastMemberProcess early = member(hosts(List.of()));

    early.awaitAppended();

    awaitSeen("more", () -> early.append("more"));
  }

  @Test
  void aClientFindsTheMembersByTheirName() throws Exception {
    HazelcastMemberProcess member = replica(hosts(ADDRESSES), false, true);
    member.awaitAppended();
    HazelcastMemberProcess client = replica(hosts(ADDRESSES), true, false);
    client.awaitAppended();

    awaitTogether(member, client);
  }
}
