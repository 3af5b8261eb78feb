package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.sidecar.logging.LogTimes;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Tells the log what flags say of it; to be called before anything is logged. */
public final class LogFlags {

  private LogFlags() {}

  /** Sets the properties that the log's configuration reads. */
  public static void apply(GivenFlags flags) {
    boolean isDevelopment = flags.get(SidecarFlags.LOG_DEVEL);
    set(
        "sidecar.log.level",
        isDevelopment && !flags.has(SidecarFlags.LOG_LEVEL)
            ? "debug"
            : flags.get(SidecarFlags.LOG_LEVEL));
    set(
        "sidecar.log.encoder",
        isDevelopment && !flags.has(SidecarFlags.LOG_ENCODER)
            ? "console"
            : flags.get(SidecarFlags.LOG_ENCODER));
    set(LogTimes.PROPERTY, flags.get(SidecarFlags.LOG_TIMES));
  }

  /** Lets libraries that know {@code java.util.logging} alone, as exporters of traces, log here. */
  public static void takeLibraries() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  private static void set(String property, String value) {
    System.setProperty(property, value);
  }
}
