package ai.llmd.epp.adapter.metrics.report;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which endpoints begin and cease to answer polls, in the log. Any thread. */
public final class PollReports {

  private static final Logger log = LoggerFactory.getLogger(PollReports.class);

  private final MinuteLog failing;
  private final MinuteLog recovered;

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  public PollReports(LongSupplier nanoClock) {
    failing =
        new MinuteLog(
            nanoClock,
            line ->
                log.atWarn()
                    .addKeyValue("endpoint", line.endpoint())
                    .addKeyValue("reason", line.reason())
                    .addKeyValue("others", line.others())
                    .log("metrics poll failing"));
    recovered =
        new MinuteLog(
            nanoClock,
            line ->
                log.atInfo()
                    .addKeyValue("endpoint", line.endpoint())
                    .addKeyValue("others", line.others())
                    .log("metrics poll recovered"));
  }

  /** A poll failed whose predecessor did not. */
  public void failing(String endpoint, String reason) {
    failing.note(endpoint, reason);
  }

  /** A poll succeeded whose predecessor failed. */
  public void recovered(String endpoint) {
    recovered.note(endpoint, "");
  }

  /** Writes what has waited for a minute; call often. */
  public void flush() {
    failing.flush();
    recovered.flush();
  }
}
