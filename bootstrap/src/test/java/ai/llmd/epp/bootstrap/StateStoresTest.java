package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.llmd.epp.adapter.state.hazelcast.HazelcastSettings;
import ai.llmd.epp.adapter.state.redis.RedisAddress;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.bootstrap.config.StateStoreSettings;
import ai.llmd.epp.bootstrap.config.StateStoreSettings.Home;
import ai.llmd.epp.domain.state.SharedState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StateStoresTest {

  private static StateStoreSettings settings(Home home) {
    return new StateStoreSettings(
        SharedState.Budget.DEFAULT, ReplicationSettings.DEFAULT, null, home);
  }

  private static int closedPort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void memorySharesNothing() {
    assertThat(StateStores.open(StateStoreSettings.DEFAULT, "ns", "pool")).isEmpty();
  }

  @Test
  void redisThatIsNotThereIsNoReasonNotToStart() throws IOException {
    RedisAddress address = RedisAddress.parse("redis://127.0.0.1:" + closedPort(), false);
    var home = new StateStoreSettings.Redis(RedisSettings.of(address));

    try (ReplicationLog log = StateStores.open(settings(home), "ns", "pool").orElseThrow()) {
      assertThat(log.name()).isEqualTo("redis");
      assertThat(log.address()).isEqualTo(address.toString());
      assertThatExceptionOfType(StoreException.class).isThrownBy(log::extent);
    }
  }

  @Test
  void hazelcastStartsInTheBackground() throws IOException {
    String member = "127.0.0.1:" + closedPort();
    var home = new StateStoreSettings.Hazelcast(HazelcastSettings.of(List.of(member)));

    try (ReplicationLog log = StateStores.open(settings(home), "ns", "pool").orElseThrow()) {
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
    assertThat(output).contains("ai.llmd.epp.bootstrap.StateStores ", "empty: true");
    assertThat(output).doesNotContain("io.lettuce", "com.hazelcast", "reactor.core");
  }

  /** Opens what nobody configured. */
  static final class OpensNothing {

    private OpensNothing() {}

    public static void main(String[] arguments) {
      System.out.println(
          "empty: " + StateStores.open(StateStoreSettings.DEFAULT, "ns", "pool").isEmpty());
    }
  }
}
