package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThreadShareTest {

  private final AtomicLong clock = new AtomicLong(7);
  private final ThreadShare share = new ThreadShare(clock::get);

  @Test
  void aTurnEndsWhenItsTimeIsSpent() {
    assertThat(share.begin()).isTrue();
    assertThat(share.isSpent()).isFalse();
    clock.addAndGet(ThreadShare.TURN_NANOS);
    assertThat(share.isSpent()).isTrue();
  }

  @Test
  void whatTakesLongerGoesWithoutAsMuchTime() {
    assertThat(share.begin()).isTrue();
    clock.addAndGet(10 * ThreadShare.TURN_NANOS);
    share.end();
    for (int i = 0; i < 9; i++) {
      assertThat(share.begin()).isFalse();
    }
    assertThat(share.begin()).isTrue();
  }

  @Test
  void aShortTurnSavesNothingForLater() {
    share.begin();
    share.end();
    share.begin();
    clock.addAndGet(2 * ThreadShare.TURN_NANOS);
    share.end();
    assertThat(share.begin()).isFalse();
    assertThat(share.begin()).isTrue();
  }
}
