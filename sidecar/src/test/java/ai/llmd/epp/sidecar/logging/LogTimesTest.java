package ai.llmd.epp.sidecar.logging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTimesTest {

  @ParameterizedTest
  @CsvSource({
    "epoch, 1760000000.012",
    "millis, 1760000000012",
    "nano, 1760000000012000000",
    "iso8601, \"2025-10-09T08:53:20.012Z\"",
    "rfc3339, \"2025-10-09T08:53:20Z\"",
    "rfc3339nano, \"2025-10-09T08:53:20.012Z\"",
  })
  void aTimeIsWrittenAsTheFlagSays(String form, String json) {
    assertThat(LogTimes.json(1_760_000_000_012L, form)).isEqualTo(json);
  }
}
