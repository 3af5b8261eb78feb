package ai.llmd.epp.domain.calls;

import org.jspecify.annotations.Nullable;

/**
 * A plugin that had to do without its result for a reason that may be shown: its message holds
 * nothing of a request.
 */
public class WithoutResultException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param reason continues a sentence that begins with the plugin's name
   */
  public WithoutResultException(String reason) {
    this(reason, null);
  }

  WithoutResultException(String reason, @Nullable Throwable cause) {
    super(reason, cause, false, false); // where it was thrown from means nothing
  }

  /** Continues a sentence that begins with the plugin's name. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
