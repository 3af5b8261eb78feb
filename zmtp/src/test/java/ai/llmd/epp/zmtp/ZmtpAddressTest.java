package ai.llmd.epp.zmtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZmtpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "tcp://10.0.0.1:5557, 10.0.0.1, 5557, tcp://10.0.0.1:5557",
    "tcp://*:5557, '', 5557, tcp://0.0.0.0:5557",
    "tcp://127.0.0.1:*, 127.0.0.1, 0, tcp://127.0.0.1:0",
    "tcp://[::1]:65535, ::1, 65535, tcp://[::1]:65535",
    "tcp://fd00::7:5557, fd00::7, 5557, tcp://[fd00::7]:5557",
    "tcp://decode-0.pool:1, decode-0.pool, 1, tcp://decode-0.pool:1"
  })
  void reads(String address, String host, int port, String shown) {
    assertThat(ZmtpAddress.of(address)).isEqualTo(new ZmtpAddress(host, port)).hasToString(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tcp://",
        "tcp://h",
        "tcp://h:",
        "tcp://h:x",
        "tcp://h:-1",
        "tcp://h:65536",
        "tcp://h:99999999999",
        "ipc:///tmp/x:1",
        "inproc://x"
      })
  void refuses(String address) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ZmtpAddress.of(address))
        .withMessageContaining(address);
  }

  @Test
  void takesThePortThatWasChosen() {
    assertThat(ZmtpAddress.of("tcp://127.0.0.1:*").withPort(7)).hasToString("tcp://127.0.0.1:7");
  }
}
