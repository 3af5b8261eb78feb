package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CollectionWatchTest {

  private final AtomicLong collecting = new AtomicLong(1_000);
  private final AtomicInteger ends = new AtomicInteger();
  private final CollectionWatch watch = new CollectionWatch(collecting::get, ends::incrementAndGet);

  private void round(long collectingMillis) {
    collecting.addAndGet(collectingMillis);
    watch.look(Duration.ofSeconds(5));
  }

  @Test
  void endsAProgramThatOnlyCollects() {
    for (int i = 0; i < 4; i++) {
      assertThat(ends.get()).isZero();
      round(4_200);
    }
    assertThat(ends.get()).isEqualTo(1);
  }

  @Test
  void letsABurstPass() {
    for (int i = 0; i < 20; i++) {
      round(i % 4 == 3 ? 3_000 : 4_900);
    }
    assertThat(ends.get()).isZero();
  }

  /** A machine that gives the process no time gives its collections none. */
  @Test
  void countsTheTimeThatHasPassed() {
    for (int i = 0; i < 20; i++) {
      collecting.addAndGet(4_900);
      watch.look(Duration.ofSeconds(30));
    }
    assertThat(ends.get()).isZero();
  }
}
