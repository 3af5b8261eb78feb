package ai.llmd.epp.domain.flow;

/**
 * How much more may be queued in a band, or in all: the one rule of all limits.
 *
 * @param requests may be below 0 when a limit was lowered
 * @param bytes the same
 */
public record Room(long requests, long bytes) {

  private static final long UNLIMITED = Long.MAX_VALUE;

  /** Of a band. */
  static Room in(BandSettings band, QueueLoad queued) {
    return new Room(band.maxRequests() - queued.requests(), band.maxBytes() - queued.bytes());
  }

  /** In all bands together. */
  static Room inAll(FlowSettings settings, QueueLoad queued) {
    return new Room(
        settings.maxRequests() == 0 ? UNLIMITED : settings.maxRequests() - queued.requests(),
        settings.maxBytes() == 0 ? UNLIMITED : settings.maxBytes() - queued.bytes());
  }

  /** Whether another request with a body of this size fits. */
  public boolean fits(long moreBytes) {
    return requests >= 1 && moreBytes <= bytes;
  }
}
