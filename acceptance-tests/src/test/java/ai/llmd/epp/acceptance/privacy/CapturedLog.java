package ai.llmd.epp.acceptance.privacy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Everything that any logger writes at any level while it is open. */
final class CapturedLog implements AutoCloseable {

  private static final String OURS = "ai.llmd.epp";

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Map<Logger, @Nullable Level> levels = new HashMap<>();
  private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
  private final Recorder recorder = new Recorder();

  /** Collects texts, not events, which may change. */
  private static final class Recorder extends AppenderBase<ILoggingEvent> {

    private final Queue<String> texts = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      texts.add(
          event.getLoggerName()
              + " "
              + event.getFormattedMessage()
              + " "
              + event.getKeyValuePairs()
              + " "
              + Arrays.toString(event.getArgumentArray())
              + " "
              + event.getMDCPropertyMap()
              + throwable(event.getThrowableProxy()));
    }

    private static String throwable(@Nullable IThrowableProxy thrown) {
      if (thrown == null) {
        return "";
      }
      StringBuilder text = new StringBuilder();
      text.append(" / ").append(thrown.getClassName()).append(": ").append(thrown.getMessage());
      for (IThrowableProxy suppressed : thrown.getSuppressed()) {
        text.append(throwable(suppressed));
      }
      return text.append(throwable(thrown.getCause())).toString();
    }
  }

  CapturedLog() {
    root.iteratorForAppenders().forEachRemaining(appenders::add);
    appenders.forEach(root::detachAppender); // the build's own log need not have it all
    for (Logger logger : List.of(root, context.getLogger(OURS))) {
      levels.put(logger, logger.getLevel());
      logger.setLevel(Level.TRACE);
    }
    recorder.setContext(context);
    recorder.start();
    root.addAppender(recorder);
  }

  /** One text for each event: message, arguments, key-values and exceptions. */
  List<String> texts() {
    return List.copyOf(recorder.texts);
  }

  /** Those of this program, without its libraries. */
  List<String> ownTexts() {
    return texts().stream().filter(text -> text.startsWith(OURS)).toList();
  }

  @Override
  public void close() {
    root.detachAppender(recorder);
    levels.forEach(Logger::setLevel);
    appenders.forEach(root::addAppender);
  }
}
