package ai.llmd.epp.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * What is logged: the reference's verbosity numbers as levels (4 is debug, 5 and above is trace),
 * and all of them into the same lines.
 */
public final class LogLevels {

  private static final int DEBUG = 4;

  private LogLevels() {}

  /**
   * Sets the level of our own loggers; libraries stay at warnings.
   *
   * @param verbosity as in {@code -v}; below 0 shows errors only
   */
  public static void apply(int verbosity) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger("ai.llmd.epp").setLevel(levelOf(verbosity));
    }
  }

  /** Lets libraries that know {@code java.util.logging} alone, as gRPC, log where we do. */
  public static void adoptLibraries() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  /** Writes out what still waits in the appender's queue. Call last before the program ends. */
  public static void flush() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }

  static Level levelOf(int verbosity) {
    if (verbosity < 0) {
      return Level.ERROR;
    }
    if (verbosity < DEBUG) {
      return Level.INFO;
    }
    return verbosity == DEBUG ? Level.DEBUG : Level.TRACE;
  }
}
