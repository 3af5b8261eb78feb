package ai.llmd.epp.sidecar.leg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPortTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1:8000, 10.0.0.1, 8000, true",
    "http://10.0.0.1:8000, 10.0.0.1, 8000, true",
    "Prefill-1:8000, Prefill-1, 8000, true",
    "prefill-1:http, prefill-1, -1, true",
    "prefill-1:, prefill-1, -1, true",
    "prefill-1, prefill-1, -1, false",
    ":8000, '', -1, false",
    "[fd00::1]:8000, fd00::1, 8000, true",
    "[fd00::1], fd00::1, -1, false",
    "fd00::1, fd00::1, -1, false",
    "[fd00::1, [fd00::1, -1, false",
  })
  void isTakenApart(String address, String host, int port, boolean isWhole) {
    assertThat(HostPort.host(address)).isEqualTo(host);
    assertThat(HostPort.port(address)).isEqualTo(port);
    assertThat(HostPort.isWhole(address)).isEqualTo(isWhole);
  }

  @ParameterizedTest
  @CsvSource({
    "http://Prefill-1:8000, prefill-1:8000",
    "[FD00::1]:8000, [fd00::1]:8000",
    "prefill-1:http, prefill-1:http",
  })
  void hasOneSpelling(String address, String normalized) {
    assertThat(HostPort.normalized(address)).isEqualTo(normalized);
  }
}
