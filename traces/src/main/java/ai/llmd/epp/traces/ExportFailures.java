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
    Throwable own = failure.getCause() == null ? failure : failure.getCause();
    if (own.getMessage() == null && own == failure) {
      return "the collector answered with an error";
    }
    Throwable root = root(own);
    String reason = own.toString();
    return shown(root == own ? reason : reason + ": " + root.getMessage());
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (int i = 0; i < MAX_CAUSES && root.getCause() != null; i++) {
      root = root.getCause();
    }
    return root;
  }

  private static String shown(String reason) {
    return reason.length() <= MAX_LENGTH ? reason : reason.substring(0, MAX_LENGTH) + "…";
  }
}
