package ai.llmd.epp.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TouchesTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Touches touches = new Touches(0);

  @Test
  void tellsOfAPrefixOnceInTenSeconds() {
    assertThat(touches.isDue(1, 99, 8, 0)).isTrue();
    assertThat(touches.isDue(1, 99, 8, 9 * SECOND)).isFalse();
    assertThat(touches.isDue(1, 99, 8, 11 * SECOND)).isTrue();
  }

  @Test
  void tellsEndpointsAndPrefixesApart() {
    assertThat(touches.isDue(1, 99, 8, 0)).isTrue();
    assertThat(touches.isDue(2, 99, 8, 0)).isTrue();
    assertThat(touches.isDue(1, 98, 8, 0)).isTrue();
  }

  @Test
  void staysWithinABudgetOfBytes() {
    long told = 0;
    for (int i = 0; i < 10_000; i++) {
      if (touches.isDue(1, i * 77L + 1, 1_024, i * SECOND / 10_000)) {
        told += 1_024;
      }
    }
    assertThat(told).isBetween(1L << 20, 2L << 20); // a second saved up, and the second that passed
  }
}
