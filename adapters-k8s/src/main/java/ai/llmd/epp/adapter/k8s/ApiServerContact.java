package ai.llmd.epp.adapter.k8s;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the API server answers, found out by asking: a watch whose connection has died in silence
 * looks like one on which nothing happens.
 *
 * <p>One thread asks; any reads.
 */
final class ApiServerContact {

  /** Asks something that has an answer. Blocks no longer than a call may. */
  interface Probe {

    void ask();
  }

  private static final Logger log = LoggerFactory.getLogger(ApiServerContact.class);

  private final Probe probe;
  private final LongSupplier nanoClock;
  private volatile boolean isReachable;
  private volatile long lastAnswerNanos;
  private String lastFailure = ""; // the asking thread's

  ApiServerContact(Probe probe, LongSupplier nanoClock) {
    this.probe = probe;
    this.nanoClock = nanoClock;
    this.lastAnswerNanos = nanoClock.getAsLong();
  }

  /** Whether the last question was answered. */
  boolean isReachable() {
    return isReachable;
  }

  /** When the last answer came, or when this began; by the clock that was handed in. */
  long lastAnswerNanos() {
    return lastAnswerNanos;
  }

  /**
   * Asks once.
   *
   * @return whether the API server is back after it did not answer
   */
  boolean ask() {
    long askedAt = nanoClock.getAsLong();
    try {
      probe.ask();
    } catch (RuntimeException e) {
      noAnswer(Reasons.of(e));
      return false;
    }
    lastAnswerNanos = askedAt; // what happened since is not known
    isReachable = true;
    boolean wasAway = !lastFailure.isEmpty();
    lastFailure = "";
    if (wasAway) {
      log.atInfo().log("the API server answers again, listing everything anew");
    }
    return wasAway;
  }

  /** One line when it goes, not one for each way in which it is away. */
  private void noAnswer(String reason) {
    isReachable = false;
    if (lastFailure.isEmpty()) {
      log.atWarn()
          .addKeyValue("reason", reason)
          .log("the API server does not answer, routing with what is known");
    }
    lastFailure = reason;
  }
}
