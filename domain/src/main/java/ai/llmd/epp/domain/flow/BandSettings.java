package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.catalogue.Named;

/**
 * What holds for the requests of one priority.
 *
 * @param maxRequests how many may wait, 1 or more
 * @param maxBytes how large their bodies may be together, 1 or more
 * @param ttlNanos how long a request may wait while the pool has endpoints; 0 is without a limit
 */
public record BandSettings(
    long maxRequests,
    long maxBytes,
    long ttlNanos,
    Named<FairnessPolicy> fairness,
    Named<OrderingPolicy> ordering) {

  /** {@link #maxRequests} of a band that is configured without. */
  public static final long DEFAULT_MAX_REQUESTS = 5000;

  /** {@link #maxBytes} of a band that is configured without. */
  public static final long DEFAULT_MAX_BYTES = 1_000_000_000;
}
