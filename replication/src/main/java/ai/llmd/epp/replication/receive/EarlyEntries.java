package ai.llmd.epp.replication.receive;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.replication.state.EndpointLife;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Blocks of endpoints that are not in this replica's pool yet: one replica discovers an endpoint
 * before another. Bounded; the oldest endpoint is dropped first. Any thread.
 */
final class EarlyEntries {

  private static final long MAX_BYTES = 4L << 20;

  /** What an entry costs beside its hashes and names, about. */
  private static final long BYTES_PER_ENTRY = 200;

  /** Blocks of an endpoint, as they were received. */
  @SuppressWarnings("ArrayRecordComponent") // large, and never compared
  record EarlyBlocks(String producer, EndpointLife endpoint, int capacity, long[] hashes) {

    long bytes() {
      return BYTES_PER_ENTRY
          + producer.length()
          + endpoint.id().namespace().length()
          + endpoint.id().name().length()
          + (long) hashes.length * Long.BYTES;
    }
  }

  // guarded by this
  private final Map<EndpointId, List<EarlyBlocks>> byEndpoint = new LinkedHashMap<>();
  private long bytes;

  synchronized void add(EarlyBlocks early) {
    byEndpoint.computeIfAbsent(early.endpoint().id(), id -> new ArrayList<>()).add(early);
    bytes += early.bytes();
    while (bytes > MAX_BYTES && !byEndpoint.isEmpty()) {
      take(byEndpoint.keySet().iterator().next());
    }
  }

  /** Removes and returns the entries of an endpoint, in order. */
  synchronized List<EarlyBlocks> take(EndpointId id) {
    List<EarlyBlocks> taken = byEndpoint.remove(id);
    if (taken == null) {
      return List.of();
    }
    for (EarlyBlocks early : taken) {
      bytes -= early.bytes();
    }
    return taken;
  }
}
