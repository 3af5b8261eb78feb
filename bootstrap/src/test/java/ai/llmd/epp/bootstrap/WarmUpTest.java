package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class WarmUpTest {

  private static final Duration TIME = Duration.ofMillis(1);
  private static final Duration AMPLE = Duration.ofMinutes(1);

  private final Logger log = (Logger) LoggerFactory.getLogger(WarmUp.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final CountDownLatch interrupted = new CountDownLatch(1);

  @BeforeEach
  void listen() {
    logged.start();
    log.addAppender(logged);
  }

  @AfterEach
  void stopListening() {
    log.detachAppender(logged);
  }

  private int takesForEver() {
    try {
      new CountDownLatch(1).await();
      return 0;
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static int fails() {
    throw new IllegalArgumentException("a certificate that is none");
  }

  @Test
  void isGivenUpWithOneLineWhenItTakesTooLong() throws Exception {
    WarmUp warmUp = WarmUp.begin(TIME, TIME, this::takesForEver);

    warmUp.await();

    interrupted.await();
    awaitEnd();
    assertThat(logged.list)
        .singleElement()
        .satisfies(event -> assertThat(event.getMessage()).startsWith("not warmed up in time"))
        .satisfies(event -> assertThat(event.getThrowableProxy()).isNull());
  }

  @Test
  void isGivenUpInSilenceWhenTheProgramEnds() throws Exception {
    WarmUp warmUp = WarmUp.begin(AMPLE, AMPLE, this::takesForEver);

    warmUp.close();

    interrupted.await();
    awaitEnd();
    assertThat(logged.list).isEmpty();
  }

  @Test
  void reportsWhyItFailed() {
    WarmUp warmUp = WarmUp.begin(AMPLE, AMPLE, WarmUpTest::fails);

    warmUp.await();

    assertThat(logged.list)
        .singleElement()
        .satisfies(event -> assertThat(event.getThrowableProxy()).isNotNull());
  }

  private static void awaitEnd() {
    await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals(WarmUp.NAME)));
  }
}
