package ai.llmd.epp.adapter.k8s.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RememberedTest {

  private final AtomicLong now = new AtomicLong(-5); // nanoTime may be negative
  private final Remembered<String, String> remembered =
      new Remembered<>(2, Duration.ofNanos(10), now::get);

  @Test
  void anAnswerHoldsForItsTime() {
    remembered.keep("a", "yes");

    now.addAndGet(9);
    assertThat(remembered.find("a")).contains("yes");
    now.addAndGet(1);
    assertThat(remembered.find("a")).isEmpty();
  }

  @Test
  void theOldestGoesWhenThereAreTooMany() {
    remembered.keep("a", "1");
    remembered.keep("b", "2");
    remembered.keep("a", "3");
    remembered.keep("c", "4");

    assertThat(remembered.find("a")).contains("3");
    assertThat(remembered.find("b")).isEmpty();
    assertThat(remembered.find("c")).contains("4");
  }

  @Test
  void aNewAnswerBeginsAnew() {
    remembered.keep("a", "old");
    now.addAndGet(9);
    remembered.keep("a", "new");
    now.addAndGet(9);

    assertThat(remembered.find("a")).contains("new");
  }
}
