package ai.llmd.epp.bootstrap;

/** The program cannot start; the message explains why, in a sentence for the operator. */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }
}
