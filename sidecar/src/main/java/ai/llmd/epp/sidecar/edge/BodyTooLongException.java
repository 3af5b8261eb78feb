package ai.llmd.epp.sidecar.edge;

/** A body that has to be held is longer than what may be held. */
public final class BodyTooLongException extends Exception {

  private static final long serialVersionUID = 1;

  private final boolean isForNow;

  BodyTooLongException(long longest, boolean isForNow) {
    super(
        isForNow
            ? "there is no memory for another body now"
            : "the body has more than " + longest + " bytes");
    this.isForNow = isForNow;
  }

  /** Whether it is the bodies of other requests that leave no room. */
  public boolean isForNow() {
    return isForNow;
  }
}
