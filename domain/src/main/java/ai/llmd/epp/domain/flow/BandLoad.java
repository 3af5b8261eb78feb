package ai.llmd.epp.domain.flow;

/**
 * What is queued in a priority band.
 *
 * @param requests 0 or more
 * @param bytes of their bodies, 0 or more
 */
public record BandLoad(long requests, long bytes) {

  /** Nothing is queued. */
  public static final BandLoad NONE = new BandLoad(0, 0);

  /** Both together. */
  public BandLoad plus(BandLoad other) {
    return new BandLoad(sum(requests, other.requests), sum(bytes, other.bytes));
  }

  private static long sum(long first, long second) {
    long sum = first + second;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
