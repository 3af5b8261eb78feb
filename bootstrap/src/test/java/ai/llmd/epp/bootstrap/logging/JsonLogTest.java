package ai.llmd.epp.bootstrap.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLogTest {

  private final LoggerContext logs = new LoggerContext();

  @AfterEach
  void stop() {
    logs.stop();
  }

  private LoggingEvent event(String message, @Nullable Throwable thrown) {
    Logger logger = logs.getLogger("ai.llmd.epp.bootstrap.Epp");
    LoggingEvent event = new LoggingEvent("", logger, Level.WARN, message, thrown, null);
    event.setInstant(Instant.ofEpochMilli(1_700_000_000_123L));
    event.setMDCPropertyMap(Map.of("trace_id", "0af7", "other", "x"));
    return event;
  }

  private String line(LoggingEvent event) {
    return new String(JsonLog.encoder(logs).encode(event), UTF_8);
  }

  @Test
  void aLineHasTheFieldsOfTheReferenceInItsOrder() {
    LoggingEvent event = event("a pod \"left\"", null);
    event.setKeyValuePairs(List.of(new KeyValuePair("pod", "p-1"), new KeyValuePair("left", 3)));

    assertThat(line(event))
        .isEqualToIgnoringNewLines(
            "{\"level\":\"warn\",\"ts\":1700000000.123,\"logger\":\"a.l.e.b.Epp\","
                + "\"msg\":\"a pod \\\"left\\\"\",\"pod\":\"p-1\",\"left\":3,"
                + "\"trace_id\":\"0af7\"}");
  }

  @Test
  void whatWasThrownIsOnTheSameLine() {
    assertThat(line(event("it broke", new IllegalStateException("too late"))).strip())
        .contains("\"error\":\"IllegalStateException\"")
        .contains("\"stacktrace\":\"java.lang.IllegalStateException: too late")
        .doesNotContain("\n");
  }

  @Test
  void librariesLogFromWarningsOnThroughAQueueThatNeverBlocks() {
    JsonLog.setUp(logs);

    Logger root = logs.getLogger(Logger.ROOT_LOGGER_NAME);
    assertThat(root.getLevel()).isEqualTo(Level.WARN);
    assertThat(logs.getLogger("ai.llmd.epp.domain").isInfoEnabled()).isTrue();
    assertThat(logs.getLogger("io.fabric8.kubernetes").isErrorEnabled()).isFalse();
    assertThat(root.iteratorForAppenders())
        .toIterable()
        .singleElement()
        .isInstanceOfSatisfying(
            AsyncAppender.class,
            queue -> {
              assertThat(queue.isStarted()).isTrue();
              assertThat(queue.isNeverBlock()).isTrue();
              assertThat(queue.getAppender("stderr").isStarted()).isTrue();
            });
  }

  @Test
  void aFileForTestsIsReadInstead() {
    assertThat(new JsonLog().configure(logs)).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
    assertThat(logs.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders().hasNext()).isFalse();
  }
}
