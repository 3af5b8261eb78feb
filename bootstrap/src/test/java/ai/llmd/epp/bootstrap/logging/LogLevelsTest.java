package ai.llmd.epp.bootstrap.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

class LogLevelsTest {

  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void listen() {
    logged.start();
    root.addAppender(logged);
  }

  @AfterEach
  void stopListening() {
    root.detachAppender(logged);
    SLF4JBridgeHandler.uninstall();
  }

  @Test
  void putsWhatLibrariesSayToJavaUtilLoggingIntoTheSameLines() {
    LogLevels.adoptLibraries();

    java.util.logging.Logger.getLogger("io.grpc.netty").warning("a stream broke");
    java.util.logging.Logger.getLogger("io.grpc.netty").info("a stream began");

    assertThat(logged.list)
        .filteredOn(event -> event.getLoggerName().equals("io.grpc.netty"))
        .extracting(ILoggingEvent::getFormattedMessage)
        .as("libraries log from warnings on")
        .containsExactly("a stream broke");
  }

  @Test
  void mapsVerbosityAsTheReferenceDoes() {
    assertThat(LogLevels.levelOf(-1)).isEqualTo(Level.ERROR);
    assertThat(LogLevels.levelOf(0)).isEqualTo(Level.INFO);
    assertThat(LogLevels.levelOf(3)).isEqualTo(Level.INFO);
    assertThat(LogLevels.levelOf(4)).isEqualTo(Level.DEBUG);
    assertThat(LogLevels.levelOf(5)).isEqualTo(Level.TRACE);
  }
}
