package ai.llmd.epp.application.reload;

/**
 * The generation that serves what begins now. Any thread may lend; one at a time replaces.
 *
 * @param <G> a generation of what serves
 */
public final class InForce<G extends InForce.Lendable> {

  /** Something that is kept alive while it is used. */
  public interface Lendable {

    /** Its users; always the same counter. */
    LoanCounter loans();
  }

  private volatile G current;

  public InForce(G first) {
    this.current = first;
  }

  /** The generation as of now, to look at and not to keep. */
  public G current() {
    return current;
  }

  /**
   * Lends the generation as of now; its counter takes it back.
   *
   * <p>Counts first and looks again: whoever replaces a generation changes the reference before it
   * looks at the counter, so one of the two sees the other, and nothing is closed that was lent in
   * between.
   */
  @SuppressWarnings("ReferenceEquality") // this generation, not its like
  public G lend() {
    while (true) {
      G now = current;
      now.loans().lend();
      if (now == current) {
        return now;
      }
      now.loans().giveBack();
    }
  }

  /**
   * Lends the next generation from now on. Retire the one before afterwards.
   *
   * @return the generation before
   */
  public G replace(G next) {
    G before = current;
    current = next;
    return before;
  }
}
