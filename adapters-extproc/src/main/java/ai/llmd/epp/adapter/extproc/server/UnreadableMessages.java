package ai.llmd.epp.adapter.extproc.server;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports that messages of a gateway could not be read: once a minute at most, with how many they
 * were, since whoever sends them could write logs at will. Any thread.
 */
final class UnreadableMessages {

  private static final Logger log = LoggerFactory.getLogger(UnreadableMessages.class);
  private static final long BETWEEN_REPORTS_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoClock;
  private final LongConsumer report;
  private final AtomicLong nextReportAtNanos;
  private final AtomicLong unreported = new AtomicLong();

  /**
   * @param report receives how many messages there were since the last report
   */
  UnreadableMessages(LongSupplier nanoClock, LongConsumer report) {
    this.nanoClock = nanoClock;
    this.report = report;
    this.nextReportAtNanos = new AtomicLong(nanoClock.getAsLong());
  }

  static UnreadableMessages logged() {
    return new UnreadableMessages(System::nanoTime, UnreadableMessages::log);
  }

  private static void log(long messages) {
    log.atWarn()
        .addKeyValue("messages", messages)
        .log("messages of the gateway cannot be read; their streams were ended");
  }

  void add() {
    unreported.incrementAndGet();
    long nowNanos = nanoClock.getAsLong();
    long dueNanos = nextReportAtNanos.get();
    if (nowNanos - dueNanos >= 0
        && nextReportAtNanos.compareAndSet(dueNanos, nowNanos + BETWEEN_REPORTS_NANOS)) {
      report.accept(unreported.getAndSet(0));
    }
  }
}
