package ai.llmd.epp.sidecar.upstream;

/** Why a leg has no answer. */
public final class LegFailure extends Exception {

  private static final long serialVersionUID = 1;

  /** What happened. */
  public enum Kind {
    /** Nothing listens there. */
    REFUSED,
    /** The connection could not be made, or broke. */
    BROKEN,
    /** It was given up here. */
    CANCELLED,
    /** The answer is longer than what may be held. */
    TOO_LONG
  }

  private final Kind kind;

  public LegFailure(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** Throws itself on when the leg was given up here: no client waits for what is made of it. */
  public void throwIfCancelled() throws LegFailure {
    if (kind == Kind.CANCELLED) {
      throw this;
    }
  }
}
