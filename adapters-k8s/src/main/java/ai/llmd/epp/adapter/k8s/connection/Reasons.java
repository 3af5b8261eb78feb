package ai.llmd.epp.adapter.k8s.connection;

import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jspecify.annotations.Nullable;

/** Describes in one line why a call to the API server failed. */
public final class Reasons {

  private static final int LONGEST = 300;

  private Reasons() {}

  /** The innermost cause with a message; an answer of the API server comes first. */
  public static String of(Throwable failure) {
    String reason = failure.toString();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KubernetesClientException answer && answer.getCode() > 0) {
        return oneLine(answer.getCode() + " " + answer.getMessage());
      }
      if (cause.getMessage() != null) {
        reason = cause.getClass().getSimpleName() + ": " + cause.getMessage();
      } else if (cause.getCause() == null) {
        reason = cause.getClass().getSimpleName();
      }
    }
    return oneLine(reason);
  }

  /** The HTTP status with which the API server answered; 0 when it did not answer. */
  public static int status(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KubernetesClientException answer && answer.getCode() > 0) {
        return answer.getCode();
      }
    }
    return 0;
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST);
  }
}
