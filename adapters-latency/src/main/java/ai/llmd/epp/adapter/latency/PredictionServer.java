package ai.llmd.epp.adapter.latency;

import java.net.URI;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One prediction server, which is left alone once it has failed several times in a row; a call now
 * and then looks whether it answers again. Any thread.
 */
final class PredictionServer {

  static final int MAX_FAILURES = 5;
  static final Duration PAUSE = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(PredictionServer.class);

  private final URI uri;
  private int failures; // in a row
  private boolean isOpen;
  private long probeAtNanos;

  PredictionServer(URI uri) {
    this.uri = uri;
  }

  URI uri() {
    return uri;
  }

  /** Whether it may be called now, be it to look. */
  synchronized boolean isDue(long nowNanos) {
    return !isOpen || nowNanos - probeAtNanos >= 0;
  }

  /** The same, and takes the look, so that the others do not. */
  synchronized boolean begin(long nowNanos) {
    if (!isDue(nowNanos)) {
      return false;
    }
    if (isOpen) {
      probeAtNanos = nowNanos + PAUSE.toNanos();
    }
    return true;
  }

  synchronized void answered() {
    failures = 0;
    if (isOpen) {
      isOpen = false;
      log.info("prediction server {} answers again", uri);
    }
  }

  /**
   * A call came to nothing.
   *
   * @param reason continues a sentence that begins with the server
   */
  synchronized void failed(String reason, long nowNanos) {
    failures = Math.min(failures + 1, MAX_FAILURES);
    if (failures < MAX_FAILURES) {
      return;
    }
    probeAtNanos = nowNanos + PAUSE.toNanos();
    if (!isOpen) {
      isOpen = true;
      log.warn(
          "prediction server {} {}, {} times in a row: times are predicted in process, or by"
              + " another server, until it answers",
          uri,
          reason,
          MAX_FAILURES);
    }
  }
}
