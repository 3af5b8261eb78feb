package ai.llmd.epp.sidecar.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.connector.MoriSettings;
import ai.llmd.epp.sidecar.metrics.SidecarMeters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PodHostsTest {

  private final SidecarMeters meters = new SidecarMeters();
  private final AtomicReference<String> number = new AtomicReference<>("10.0.0.1");

  private static MoriSettings settings(Duration freshFor, Duration longestLookup) {
    return new MoriSettings(
        true,
        false,
        Duration.ofSeconds(1),
        "10.9.9.9",
        1,
        2,
        3,
        4,
        1,
        1,
        0,
        List.of("prefill-1"),
        List.of(),
        freshFor,
        longestLookup);
  }

  private InetAddress[] found(String name) throws UnknownHostException {
    if (number.get().isEmpty()) {
      throw new UnknownHostException(name);
    }
    return new InetAddress[] {
      InetAddress.getByName("fd00::1"), InetAddress.getByName(number.get())
    };
  }

  @Test
  void anOldNumberServesUntilTheNewOneIsThere() throws Exception {
    PodHosts hosts =
        PodHosts.of(
            settings(Duration.ofNanos(1), Duration.ofSeconds(5)), this::found, meters.names());

    assertThat(hosts.apply("prefill-1")).isEqualTo("10.0.0.1");
    number.set("10.0.0.2");
    await().until(() -> hosts.apply("prefill-1").equals("10.0.0.2"));
    number.set("");
    await()
        .until(
            () ->
                hosts.apply("prefill-1").equals("10.0.0.2")
                    && meters.page().matches("(?s).*lookup_failures_total [1-9].*"));

    assertThat(hosts.apply("prefill-1")).isEqualTo("10.0.0.2");
    assertThat(hosts.apply("another")).isEqualTo("another");
    assertThat(meters.page()).contains("moriio_dns_ip_changed_total 1\n");
  }

  @Test
  void aFreshNumberIsNotAskedForAgain() throws Exception {
    PodHosts hosts =
        PodHosts.of(
            settings(Duration.ofHours(1), Duration.ofSeconds(5)), this::found, meters.names());
    hosts.apply("prefill-1");

    assertThat(meters.page()).contains("moriio_dns_reresolve_total 0\n");
  }

  @Test
  void aNameThatIsNotFoundInTimeStopsTheStart() {
    CountDownLatch never = new CountDownLatch(1);

    assertThatThrownBy(
            () ->
                PodHosts.of(
                    settings(Duration.ofSeconds(1), Duration.ofMillis(20)),
                    name -> {
                      try {
                        never.await();
                      } catch (InterruptedException e) {
                        throw new UnknownHostException(name);
                      }
                      return new InetAddress[0];
                    },
                    meters.names()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("prefill-1");
  }
}
