package ai.llmd.epp.adapter.extproc;

/**
 * Lends the parts of the program to streams. Each keeps those it began with to its end, while later
 * ones may get others: that is how a configuration changes under load. Any thread.
 */
public interface PartsLender {

  /** Parts lent to one stream. */
  interface Loan {

    /** The same at every call. */
    ExtProcParts parts();

    /** The stream is over and uses the parts no more; called once, on its thread. */
    void giveBack();
  }

  /** The parts as of now, to look at and not to keep. Their limits on streams never change. */
  ExtProcParts current();

  /** For a stream that begins. Takes nanoseconds. */
  Loan lend();

  /** Always lends these. */
  static PartsLender of(ExtProcParts parts) {
    var loan =
        new Loan() {
          @Override
          public ExtProcParts parts() {
            return parts;
          }

          @Override
          public void giveBack() {}
        };
    return new PartsLender() {
      @Override
      public ExtProcParts current() {
        return parts;
      }

      @Override
      public Loan lend() {
        return loan;
      }
    };
  }
}
