package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Blocks that endpoints are expected to hold since a request with them is on its way, for a while:
 * by then the endpoint's own events say so. Each request's expectation is its own, so that the end
 * of one takes nothing from another. The index's writer calls.
 */
final class ExpectedBlocks {

  /** Beyond this the oldest expectations end early. */
  static final int MAX_BLOCKS = 1 << 20;

  private final KvBlockIndex index;
  private final Predicate<EndpointState> isMember;
  private final long ttlNanos;
  private final LongSupplier nanos;
  private final ArrayDeque<Expectation> byAge = new ArrayDeque<>();
  private long blocks;
  private volatile int count;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Expectation(EndpointState endpoint, long[] keys, long until) {}

  /**
   * @param isMember whether this very life of an endpoint still has its slot
   * @param nanos the time, in the manner of {@link System#nanoTime}
   */
  ExpectedBlocks(
      KvBlockIndex index, Predicate<EndpointState> isMember, long ttlNanos, LongSupplier nanos) {
    this.index = index;
    this.isMember = isMember;
    this.ttlNanos = ttlNanos;
    this.nanos = nanos;
  }

  void add(EndpointState endpoint, long[] keys) {
    if (!isMember.test(endpoint) || keys.length > MAX_BLOCKS) {
      return;
    }
    index.expect(endpoint.slot(), keys);
    byAge.add(new Expectation(endpoint, keys, nanos.getAsLong() + ttlNanos));
    blocks += keys.length;
    while (blocks > MAX_BLOCKS) {
      end(byAge.remove());
    }
    count = byAge.size();
  }

  /** Requests of which something is expected. Any thread. */
  int count() {
    return count;
  }

  /** Ends what is over. */
  void tick() {
    if (byAge.isEmpty()) {
      return;
    }
    long now = nanos.getAsLong();
    while (!byAge.isEmpty() && byAge.element().until() - now <= 0) {
      end(byAge.remove());
    }
    count = byAge.size();
  }

  private void end(Expectation expectation) {
    blocks -= expectation.keys().length;
    if (isMember.test(expectation.endpoint())) {
      index.withdraw(expectation.endpoint().slot(), expectation.keys());
    }
  }
}
