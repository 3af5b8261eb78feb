package ai.llmd.epp.adapter.extproc.transport;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what gateways do or cause once a minute at most, with how often it was, since whoever
 * does it could write logs at will. Any thread.
 */
public final class MinuteReports {

  private static final Logger log = LoggerFactory.getLogger(MinuteReports.class);
  private static final long BETWEEN_REPORTS_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoClock;
  private final LongConsumer report;
  private final AtomicLong nextReportAtNanos;
  private final AtomicLong unreported = new AtomicLong();

  /**
   * @param report receives how often it was since the last report
   */
  public MinuteReports(LongSupplier nanoClock, LongConsumer report) {
    this.nanoClock = nanoClock;
    this.report = report;
    this.nextReportAtNanos = new AtomicLong(nanoClock.getAsLong());
  }

  /** Of messages that cannot be read. */
  public static MinuteReports ofUnreadableMessages() {
    return new MinuteReports(System::nanoTime, MinuteReports::logUnreadable);
  }

  private static void logUnreadable(long messages) {
    log.atWarn()
        .addKeyValue("messages", messages)
        .log("messages of the gateway cannot be read; their streams were ended");
  }

  /** It was once more. */
  public void add() {
    unreported.incrementAndGet();
    long nowNanos = nanoClock.getAsLong();
    long dueNanos = nextReportAtNanos.get();
    if (nowNanos - dueNanos >= 0
        && nextReportAtNanos.compareAndSet(dueNanos, nowNanos + BETWEEN_REPORTS_NANOS)) {
      report.accept(unreported.getAndSet(0));
    }
  }
}
