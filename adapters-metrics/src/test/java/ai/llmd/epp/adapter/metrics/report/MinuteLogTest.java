package ai.llmd.epp.adapter.metrics.report;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.metrics.report.MinuteLog.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MinuteLogTest {

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
  private final List<Line> lines = new ArrayList<>();
  private final MinuteLog log = new MinuteLog(clock::get, lines::add);

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
    log.flush();
  }

  @Test
  void reportsOneAtOnce() {
    log.note("a", "refused");

    assertThat(lines).containsExactly(new Line("a", "refused", 0));
  }

  @Test
  void makesOneLineAMinuteOfThousands() {
    for (int i = 0; i < 2000; i++) {
      log.note("server-" + i, "refused");
      pass(Duration.ofMillis(1));
    }
    assertThat(lines).containsExactly(new Line("server-0", "refused", 0));

    pass(Duration.ofMinutes(1));
    pass(Duration.ofMinutes(5));

    assertThat(lines)
        .containsExactly(
            new Line("server-0", "refused", 0), new Line("server-1999", "refused", 1998));
  }

  @Test
  void reportsTheNextAtOnceAfterAQuietMinute() {
    log.note("a", "refused");
    pass(Duration.ofMinutes(2));

    log.note("b", "silent");

    assertThat(lines).containsExactly(new Line("a", "refused", 0), new Line("b", "silent", 0));
  }

  @Test
  void keepsToOneLineAMinuteHoweverLongItGoesOn() {
    for (int second = 0; second < 600; second++) {
      log.note("a", "refused");
      pass(Duration.ofSeconds(1));
    }

    assertThat(lines).hasSizeBetween(10, 11);
  }
}
