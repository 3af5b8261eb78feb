package ai.llmd.epp.bootstrap.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import net.logstash.logback.composite.JsonProviders;
import net.logstash.logback.composite.loggingevent.KeyValuePairsJsonProvider;
import net.logstash.logback.composite.loggingevent.LoggerNameJsonProvider;
import net.logstash.logback.composite.loggingevent.MdcJsonProvider;
import net.logstash.logback.composite.loggingevent.MessageJsonProvider;
import net.logstash.logback.composite.loggingevent.StackTraceJsonProvider;
import net.logstash.logback.composite.loggingevent.ThrowableClassNameJsonProvider;
import net.logstash.logback.encoder.LoggingEventCompositeJsonEncoder;

/**
 * Sets up the log: one JSON object per line on standard error, with the reference's keys: level,
 * ts, logger, msg, then key-values. In code, because reading a file of XML for it is a sixth of the
 * processor time of a start. A file that {@code -Dlogback.configurationFile} names, or a {@code
 * logback-test.xml}, is read instead.
 *
 * <p>Event loops must never wait for a full pipe, so lines go through a bounded queue that drops
 * when it is full.
 */
public final class JsonLog extends ContextAwareBase implements Configurator {

  private static final String FILE_PROPERTY = "logback.configurationFile";
  private static final String TEST_FILE = "/logback-test.xml";
  private static final int QUEUED_LINES = 8192;

  private static final Map<String, Level> LEVELS =
      Map.of(
          "ai.llmd.epp",
          Level.INFO,
          // repeats endlessly what we log once: that the API server is away
          "io.fabric8",
          Level.OFF,
          // wants flags that open the JDK to it, which gain nothing here and make the JVM refuse
          // the ahead-of-time cache
          "com.hazelcast.instance.impl.HazelcastInstanceFactory",
          Level.ERROR,
          // thousands of lines while members part and merge, of which we say what matters
          "com.hazelcast.internal.partition",
          Level.ERROR,
          // a line with a stack trace for each stream that a gateway breaks off, or whose message
          // is too large: counted in metrics
          "io.grpc.netty",
          Level.ERROR);

  @Override
  public ExecutionStatus configure(LoggerContext logs) {
    if (System.getProperty(FILE_PROPERTY) != null || JsonLog.class.getResource(TEST_FILE) != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    setUp(logs);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  static void setUp(LoggerContext logs) {
    LEVELS.forEach((logger, level) -> logs.getLogger(logger).setLevel(level));
    Logger root = logs.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(queued(logs));
  }

  private static AsyncAppender queued(LoggerContext logs) {
    ConsoleAppender<ILoggingEvent> lines = new ConsoleAppender<>();
    lines.setContext(logs);
    lines.setName("stderr");
    lines.setTarget("System.err");
    lines.setEncoder(encoder(logs));
    lines.start();
    AsyncAppender queue = new AsyncAppender();
    queue.setContext(logs);
    queue.setName("queue");
    queue.setQueueSize(QUEUED_LINES);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.addAppender(lines);
    queue.start();
    return queue;
  }

  static LoggingEventCompositeJsonEncoder encoder(LoggerContext logs) {
    LoggingEventCompositeJsonEncoder encoder = new LoggingEventCompositeJsonEncoder();
    encoder.setContext(logs);
    addFields(encoder.getProviders());
    encoder.start();
    return encoder;
  }

  private static void addFields(JsonProviders<ILoggingEvent> fields) {
    LoggerNameJsonProvider logger = new LoggerNameJsonProvider();
    logger.setFieldName("logger");
    logger.setShortenedLoggerNameLength(1);
    MessageJsonProvider message = new MessageJsonProvider();
    message.setFieldName("msg");
    MdcJsonProvider trace = new MdcJsonProvider();
    trace.addIncludeMdcKeyName("trace_id");
    trace.addIncludeMdcKeyName("span_id");
    ThrowableClassNameJsonProvider error = new ThrowableClassNameJsonProvider();
    error.setFieldName("error");
    StackTraceJsonProvider stackTrace = new StackTraceJsonProvider();
    stackTrace.setFieldName("stacktrace");
    fields.addProvider(new LevelProvider());
    fields.addProvider(new EpochSecondsProvider());
    fields.addProvider(logger);
    fields.addProvider(message);
    fields.addProvider(new KeyValuePairsJsonProvider());
    fields.addProvider(trace);
    fields.addProvider(error);
    fields.addProvider(stackTrace);
  }
}
