package ai.llmd.epp.traces.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SendDeadlineTest {

  private static final long NEVER = TimeUnit.MINUTES.toNanos(10);

  private final AtomicInteger expired = new AtomicInteger();
  private final AtomicLong expiredAt = new AtomicLong();
  private final SendDeadline deadline =
      new SendDeadline(
          () -> {
            expiredAt.set(System.nanoTime());
            expired.incrementAndGet();
          });

  private static long in(long millis) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void endsWhatTakesTooLongOnce() {
    deadline.begin(in(10));
    await().until(() -> expired.get() == 1);
    deadline.end();
    deadline.begin(in(10));
    await().until(() -> expired.get() == 2);
  }

  @Test
  void aTimerThatWasSetForOneServesTheNextByItsOwnTime() {
    deadline.begin(in(500));
    deadline.end();
    long end = in(800);
    deadline.begin(end);
    await().until(() -> expired.get() == 1);
    assertThat(expiredAt.get() - end).isPositive();
  }

  @Test
  void whatWasSentInTimeIsNotEndedLater() {
    deadline.begin(in(500));
    deadline.end();
    var later = new AtomicInteger();
    var another = new SendDeadline(later::incrementAndGet);
    another.begin(in(600));
    await().until(() -> later.get() == 1); // set after it, for a later time
    deadline.begin(System.nanoTime() + NEVER);
    deadline.end();
    assertThat(expired).hasValue(0);
  }

  @Test
  void aTimeThatIsOverAlreadyEndsItAtOnce() {
    deadline.begin(in(-10));
    await().until(() -> expired.get() == 1);
  }
}
