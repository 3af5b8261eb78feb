package ai.llmd.epp.adapter.state.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why a command failed.
 *
 * @param sentence for the operator, without credentials
 * @param needsConnection whether the next command needs a new connection, perhaps to another server
 */
record RedisFailure(String sentence, boolean needsConnection) {

  private static final int SHOWN_CHARACTERS = 200;
  private static final int MAX_DEPTH = 16;

  static RedisFailure of(Throwable failure) {
    RedisCommandExecutionException refusal = cause(failure, RedisCommandExecutionException.class);
    if (refusal != null) {
      return ofAnswer(String.valueOf(refusal.getMessage()));
    }
    UnknownHostException unknown = cause(failure, UnknownHostException.class);
    if (unknown != null) {
      return new RedisFailure("its host name is unknown", true);
    }
    SSLException tls = cause(failure, SSLException.class);
    if (tls != null) {
      return new RedisFailure("TLS failed: " + shortened(String.valueOf(tls.getMessage())), true);
    }
    UnreadableSecret secret = cause(failure, UnreadableSecret.class);
    if (secret != null) {
      return new RedisFailure("the password is missing: " + secret.getMessage(), true);
    }
    return new RedisFailure("cannot be reached, or closed the connection", true);
  }

  /**
   * Whether a connection failed so early that Lettuce lost the reason: it finds a connection that
   * the handshake has closed already, and reports that its handler is gone.
   */
  static boolean isWithoutReason(Throwable failure) {
    return cause(failure, IllegalStateException.class) != null;
  }

  /** Whether a key holds another kind of value than its name promises. */
  static boolean isAboutType(Throwable failure) {
    RedisCommandExecutionException refusal = cause(failure, RedisCommandExecutionException.class);
    return refusal != null && String.valueOf(refusal.getMessage()).contains("WRONGTYPE");
  }

  /** In scripts, older servers bury the code in a sentence: look for it anywhere. */
  private static RedisFailure ofAnswer(String answer) {
    if (answer.contains("OOM command")) {
      return new RedisFailure("is full: maxmemory is reached (OOM)", false);
    } else if (answer.contains("LOADING")) {
      return new RedisFailure("is still loading its data (LOADING)", true);
    } else if (answer.contains("READONLY")) {
      return new RedisFailure("is a read-only replica (READONLY)", true);
    } else if (isAboutCredentials(answer)) {
      return new RedisFailure("refused the credentials", true);
    } else if (answer.contains("NOPERM")) {
      return new RedisFailure("does not permit this to the user: " + shortened(answer), true);
    }
    return new RedisFailure("answered: " + shortened(answer), !answer.startsWith("NOSCRIPT"));
  }

  private static boolean isAboutCredentials(String answer) {
    return answer.contains("WRONGPASS")
        || answer.contains("NOAUTH")
        || answer.toLowerCase(Locale.ROOT).contains("invalid password")
        || answer.contains("without any password configured");
  }

  private static String shortened(String text) {
    String line = text.replace('\n', ' ');
    return line.length() <= SHOWN_CHARACTERS ? line : line.substring(0, SHOWN_CHARACTERS) + "…";
  }

  private static <E extends Throwable> @Nullable E cause(
      @Nullable Throwable failure, Class<E> type) {
    return cause(failure, type, MAX_DEPTH);
  }

  /** Of several nodes that were asked in vain, the reasons are suppressed ones of one failure. */
  private static <E extends Throwable> @Nullable E cause(
      @Nullable Throwable failure, Class<E> type, int depth) {
    if (failure == null || depth == 0) {
      return null;
    }
    if (type.isInstance(failure)) {
      return type.cast(failure);
    }
    E found = cause(failure.getCause(), type, depth - 1);
    for (Throwable one : failure.getSuppressed()) {
      found = found == null ? cause(one, type, depth - 1) : found;
    }
    return found;
  }

  /** The source of a password cannot be read; the message names it. */
  static final class UnreadableSecret extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnreadableSecret(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
