package ai.llmd.epp.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnsignedDurationTest {

  @Test
  void readsWhatGoWrites() {
    assertThat(GoDuration.parseUnsigned("0")).isZero();
    assertThat(GoDuration.parseUnsigned("100ms")).isEqualTo(Duration.ofMillis(100));
    assertThat(GoDuration.parseUnsigned("1.5s")).isEqualTo(Duration.ofMillis(1500));
    assertThat(GoDuration.parseUnsigned("1h2m3s")).isEqualTo(Duration.ofSeconds(3723));
    assertThat(GoDuration.parseUnsigned("20us")).isEqualTo(Duration.ofNanos(20_000));
    assertThat(GoDuration.parseUnsigned("7ns")).isEqualTo(Duration.ofNanos(7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "ms", "5 ms", "-5ms", "+5ms", "5msx", "x5ms", "5d", "9999999999h"})
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> GoDuration.parseUnsigned(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"");
  }
}
