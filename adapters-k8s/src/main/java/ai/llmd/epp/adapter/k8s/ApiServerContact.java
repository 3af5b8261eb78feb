package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.connection.Reasons;
import java.net.HttpURLConnection;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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

    /** The version of what is stored, which only grows; null or no number when it has none. */
    @Nullable String ask();
  }

  private static final Logger log = LoggerFactory.getLogger(ApiServerContact.class);

  private final Probe probe;
  private final LongSupplier nanoClock;
  private volatile boolean isReachable;
  private volatile long lastAnswerNanos;

  // the asking thread's
  private String lastFailure = "";
  private long lastVersion;

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
   * @return whether everything is to be listed anew: the API server is back after it did not
   *     answer, or what it stores is older than it was, and no watch tells of that
   */
  boolean ask() {
    long askedAt = nanoClock.getAsLong();
    long version;
    try {
      version = number(probe.ask());
    } catch (RuntimeException e) {
      noAnswer(e);
      return false;
    }
    lastAnswerNanos = askedAt; // what happened since is not known
    isReachable = true;
    boolean wasAway = !lastFailure.isEmpty();
    boolean isOlder = version > 0 && version < lastVersion;
    lastFailure = "";
    lastVersion = version > 0 ? version : lastVersion;
    if (isOlder) {
      log.atWarn()
          .log("the API server has gone back in time, as after a restore; listing everything anew");
    } else if (wasAway) {
      log.atInfo().log("the API server answers again, listing everything anew");
    }
    return wasAway || isOlder;
  }

  private static long number(@Nullable String version) {
    try {
      return version == null ? 0 : Long.parseLong(version);
    } catch (NumberFormatException e) {
      return 0; // a server that counts in another way
    }
  }

  /** One line for each way in which it is away, and not one for each question. */
  private void noAnswer(RuntimeException failure) {
    isReachable = false;
    String sentence = sentence(Reasons.status(failure));
    if (!sentence.equals(lastFailure)) {
      lastFailure = sentence;
      log.atWarn()
          .addKeyValue("reason", Reasons.of(failure))
          .log(sentence + ", routing with what is known");
    }
  }

  static String sentence(int status) {
    return switch (status) {
      case 0 -> "the API server does not answer";
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          "the API server does not accept the picker's token or certificate";
      case HttpURLConnection.HTTP_FORBIDDEN -> "the API server does not let the picker list pods";
      default -> "the API server answers with an error";
    };
  }
}
