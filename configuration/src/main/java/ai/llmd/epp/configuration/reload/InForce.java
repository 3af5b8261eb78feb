package ai.llmd.epp.configuration.reload;

/** The parts that streams begin with. Any thread may lend; one at a time replaces. */
final class InForce<P> {

  private volatile CountedLease<P> current;

  InForce(CountedLease<P> first) {
    this.current = first;
  }

  /** The parts as of now, to look at and not to keep. */
  P parts() {
    return current.parts();
  }

  /**
   * Lends the parts as of now.
   *
   * <p>Counts first and looks again: {@link #replace} changes the reference before the counter is
   * looked at, so one of the two sees the other, and nothing is closed that was lent in between.
   */
  @SuppressWarnings("ReferenceEquality") // this generation, not its like
  CountedLease<P> lend() {
    while (true) {
      CountedLease<P> now = current;
      now.acquire();
      if (now == current) {
        return now;
      }
      now.release();
    }
  }

  /** Lends these from now on. Retire the ones before afterwards. */
  void replace(CountedLease<P> next) {
    current = next;
  }
}
