package ai.llmd.epp.adapter.state.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses stand for names that are looked up: they are names of themselves. */
class LocalAddressTest {

  /** For documentation (RFC 5737): of no machine. */
  private static final String ELSEWHERE = "203.0.113.1";

  private static HazelcastSettings named(String service, int port) {
    return new HazelcastSettings(
        List.of(), service, port, false, false, "", "", HazelcastSettings.DEFAULT_TIMEOUT, 1000);
  }

  @Test
  void isTheOneOfTheServiceThatIsOfThisMachine() throws IOException {
    int port = LoopbackPorts.freeEverywhere();

    assertThat(LocalAddress.of(named("127.0.0.1", port)))
        .isEqualTo(new LocalAddress("127.0.0.1", port));
  }

  @Test
  void isAnyWhileTheServiceHasNoneOfThisMachine() throws IOException {
    assertThat(LocalAddress.of(named(ELSEWHERE, 7000))).isEqualTo(new LocalAddress(null, 7000));
    assertThat(LocalAddress.of(named("[unknown", 0))).isEqualTo(new LocalAddress(null, 5701));
  }

  @Test
  void isNoneThatIsTaken() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HazelcastSettings settings = named("127.0.0.1", taken.getLocalPort());

      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> LocalAddress.of(settings))
          .withMessage("all local addresses of members are taken");
    }
  }

  @Test
  void isTheFirstFreeOneOfTheList() throws IOException {
    List<String> free = LoopbackPorts.free(1);
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var settings =
          HazelcastSettings.of(
              List.of(ELSEWHERE, "127.0.0.1:" + taken.getLocalPort(), free.getFirst()));

      LocalAddress address = LocalAddress.of(settings);

      assertThat(address.host() + ':' + address.port()).isEqualTo(free.getFirst());
    }
  }
}
