package ai.llmd.epp.replication.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PrefixRefreshLimiterTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final PrefixRefreshLimiter limiter = new PrefixRefreshLimiter(0);

  @Test
  void refreshesAPrefixOnceInTenSeconds() {
    assertThat(limiter.isDue(1, 99, 8, 0)).isTrue();
    assertThat(limiter.isDue(1, 99, 8, 9 * SECOND)).isFalse();
    assertThat(limiter.isDue(1, 99, 8, 11 * SECOND)).isTrue();
  }

  @Test
  void distinguishesEndpointsAndPrefixes() {
    assertThat(limiter.isDue(1, 99, 8, 0)).isTrue();
    assertThat(limiter.isDue(2, 99, 8, 0)).isTrue();
    assertThat(limiter.isDue(1, 98, 8, 0)).isTrue();
  }

  @Test
  void staysWithinABudgetOfBytes() {
    long sent = 0;
    for (int i = 0; i < 10_000; i++) {
      if (limiter.isDue(1, i * 77L + 1, 1_024, i * SECOND / 10_000)) {
        sent += 1_024;
      }
    }
    assertThat(sent).isBetween(1L << 20, 2L << 20); // a second saved up, and the second that passed
  }
}
