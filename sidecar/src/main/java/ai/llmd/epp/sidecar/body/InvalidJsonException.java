package ai.llmd.epp.sidecar.body;

/**
 * A text is no JSON object. The message tells where it stops being one, and none of its content.
 */
public final class InvalidJsonException extends Exception {

  private static final long serialVersionUID = 1;

  InvalidJsonException(String message) {
    super(message);
  }
}
