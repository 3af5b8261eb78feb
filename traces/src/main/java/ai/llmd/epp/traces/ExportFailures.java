package ai.llmd.epp.traces;

import org.jspecify.annotations.Nullable;

/** Why an exporter failed, in a line for the log. */
final class ExportFailures {

  private static final int MAX_LENGTH = 300;
  private static final int MAX_CAUSES = 16;

  private ExportFailures() {}

  /** The failure that the SDK wraps, and what is at its root; never what was sent. */
  static String reason(@Nullable Throwable failure) {
    if (failure == null) {
      return "unknown";
    }
    Throwable cause = failure.getCause();
    if (cause != null) {
      return shown(cause + root(cause));
    }
    return failure.getMessage() == null
        ? "the collector answered with an error"
        : shown(failure.toString());
  }

  /** What is at its root; empty when that is itself. */
  private static String root(Throwable failure) {
    Throwable root = failure;
    int depth = 0;
    while (root.getCause() != null && depth < MAX_CAUSES) {
      root = root.getCause();
      depth++;
    }
    return depth == 0 ? "" : ": " + root.getMessage();
  }

  private static String shown(String reason) {
    return reason.length() <= MAX_LENGTH ? reason : reason.substring(0, MAX_LENGTH) + "…";
  }
}
