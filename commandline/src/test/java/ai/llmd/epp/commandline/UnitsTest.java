package ai.llmd.epp.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

  @ParameterizedTest
  @CsvSource({
    "250ms, PT0.25S",
    "1m30s, PT1M30S",
    "1.5h, PT1H30M",
    "-2s, PT-2S",
    "+2s, PT2S",
    "0, PT0S",
    ".5s, PT0.5S",
    "1us, PT0.000001S",
    "3µs, PT0.000003S",
    "1h1m1s1ms, PT1H1M1.001S",
    "0.4ns, PT0S"
  })
  void readsGoDurations(String text, Duration expected) {
    assertThat(GoDuration.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.25S, 250ms",
    "PT1M30S, 90s",
    "PT2H, 2h",
    "PT-2S, -2s",
    "PT0.000001S, 1us",
    "PT0.000000007S, 7ns"
  })
  void writesGoDurationsThatReadAsTheSame(Duration duration, String expected) {
    assertThat(GoDuration.format(duration)).isEqualTo(expected);
    assertThat(GoDuration.parse(expected)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "s", "1d", "1 s", "-", "1s2", "1,5s", "1e3s", "300y", "99999999999h"})
  void refusesWhatIsNoGoDuration(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 100",
    "1Gi, 1073741824",
    "500M, 500000000",
    "1k, 1000",
    "1500m, 2",
    "1.5Ki, 1536",
    "2e3, 2000",
    "1E2, 100",
    "-1, -1",
    "0, 0",
    "1E, 1000000000000000000",
    "1n, 1",
    "-1500m, -1"
  })
  void readsQuantitiesAndRoundsUp(String text, long expected) {
    assertThat(Quantity.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lots", "1 Gi", "1KB", "1ki", "K", "10Ei", "1e999", "0x10"})
  void refusesWhatIsNoQuantity(String text) {
    assertThatThrownBy(() -> Quantity.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
