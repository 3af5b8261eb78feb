package ai.llmd.epp.sidecar.edge;

/** A body that has to be held is longer than what may be held. */
public final class BodyTooLongException extends Exception {

  private static final long serialVersionUID = 1;

  BodyTooLongException(int longest) {
    super("the body has more than " + longest + " bytes");
  }
}
