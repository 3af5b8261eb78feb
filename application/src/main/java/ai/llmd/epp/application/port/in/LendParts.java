package ai.llmd.epp.application.port.in;

/**
 * Lends the parts of the program to streams. Each keeps those it began with to its end, while later
 * ones may get others: that is how a configuration changes under load. Any thread.
 *
 * @param <P> what a stream needs of the program
 */
public interface LendParts<P> {

  /** The parts as of now, to look at and not to keep. */
  P current();

  /** For a stream that begins. Takes nanoseconds. */
  PartsLease<P> lend();

  /** Always lends these. */
  static <P> LendParts<P> of(P parts) {
    var lease =
        new PartsLease<P>() {
          @Override
          public P parts() {
            return parts;
          }

          @Override
          public void release() {}
        };
    return new LendParts<>() {
      @Override
      public P current() {
        return parts;
      }

      @Override
      public PartsLease<P> lend() {
        return lease;
      }
    };
  }
}
