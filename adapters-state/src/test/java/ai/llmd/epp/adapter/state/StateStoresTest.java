package ai.llmd.epp.adapter.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.llmd.epp.adapter.state.hazelcast.HazelcastSettings;
import ai.llmd.epp.adapter.state.hazelcast.HazelcastStateStore;
import ai.llmd.epp.adapter.state.memory.MemoryStateStore;
import ai.llmd.epp.adapter.state.redis.RedisAddress;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.adapter.state.redis.RedisStateStore;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StateStoresTest {

  private static final Duration RETENTION = Duration.ofMinutes(1);

  private static int closedPort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void memorySharesNothing() {
    assertThat(new MemoryStateStore().open("ns", "pool", RETENTION)).isEmpty();
  }

  @Test
  void redisThatIsNotThereIsNoReasonNotToStart() throws IOException {
    RedisAddress address = RedisAddress.parse("redis://127.0.0.1:" + closedPort(), false);
    var store = new RedisStateStore(RedisSettings.of(address));

    try (ReplicationLog log = store.open("ns", "pool", RETENTION).orElseThrow()) {
      assertThat(log.name()).isEqualTo("redis");
      assertThat(log.address()).isEqualTo(address.toString());
      assertThatExceptionOfType(StoreException.class).isThrownBy(log::extent);
    }
  }

  @Test
  void hazelcastStartsInTheBackground() throws IOException {
    String member = "127.0.0.1:" + closedPort();
    var store = new HazelcastStateStore(HazelcastSettings.of(List.of(member)));

    try (ReplicationLog log = store.open("ns", "pool", RETENTION).orElseThrow()) {
      assertThat(log.name()).isEqualTo("hazelcast");
      assertThat(log.address()).isEqualTo(member);
    }
  }

  @Test
  void theLibrariesOfStoresThatAreNotConfiguredStayUnloaded() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load",
                "-cp",
                System.getProperty("java.class.path"),
                OpensNothing.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains("ai.llmd.epp.adapter.state.redis.RedisStateStore ", "empty: true");
    assertThat(output).doesNotContain("io.lettuce", "com.hazelcast", "reactor.core");
  }

  /** Lists every store and opens the one that is there by default. */
  static final class OpensNothing {

    private OpensNothing() {}

    public static void main(String[] arguments) {
      new StateStores().types().forEach(PluginType::defaults);
      System.out.println(
          "empty: " + new MemoryStateStore().open("ns", "pool", RETENTION).isEmpty());
    }
  }
}
