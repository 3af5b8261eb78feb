package ai.llmd.epp.application.port.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplicationSettingsTest {

  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final HashSecret SECRET = new HashSecret(KEY);

  private static ReplicationSettings settings(long flushMillis, long leaseMillis, long backlog) {
    return new ReplicationSettings(
        Duration.ofMillis(flushMillis),
        Duration.ofMillis(leaseMillis),
        Duration.ZERO,
        backlog,
        Duration.ofSeconds(60),
        SECRET);
  }

  @Test
  void refusesALeaseThatAFewFlushesCouldOutlast() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(200, 1000, 1 << 20))
        .withMessage("lease must be 10 times flushInterval or more, was 1.0s to 0.2s");
  }

  @Test
  void refusesALeaseThatOutlivesTheLog() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(5, 31_000, 1 << 20))
        .withMessage("retention must be 2 times lease or more, was 60.0s to 31.0s");
  }

  @Test
  void namesTheRangeOfAValueOutsideIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(0, 3000, 1 << 20))
        .withMessage("flushInterval must be 0.001s to 1.0s, was 0.0s");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(5, 3000, 1))
        .withMessage("backlogMaxBytes must be 64Ki to 1Gi, was 1");
  }

  @Test
  void neverShowsTheSecret() {
    assertThat(settings(5, 3000, 1 << 20).toString()).contains("***").doesNotContain("0123");
  }

  @Test
  void refusesASecretThatCouldBeGuessed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HashSecret(new byte[15]))
        .withMessage("the hash secret must have 16 to 4096 bytes, had 15");
  }

  @Test
  void comparesSecretsByTheirBytes() {
    assertThat(SECRET).isEqualTo(new HashSecret(KEY));
    assertThat(SECRET).isNotEqualTo(new HashSecret(new byte[16]));
  }
}
