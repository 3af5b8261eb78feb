package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jspecify.annotations.Nullable;

/** Describes in one line why a call to the API server failed. */
final class Reasons {

  private static final int LONGEST = 300;

  private Reasons() {}

  /** The innermost cause with a message; an answer of the API server comes first. */
  static String of(Throwable failure) {
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

  private static String oneLine(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST);
  }
}
