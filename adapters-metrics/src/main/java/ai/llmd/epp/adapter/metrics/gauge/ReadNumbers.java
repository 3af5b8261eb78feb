package ai.llmd.epp.adapter.metrics.gauge;

import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.HashMap;
import java.util.Map;

/** Puts numbers into a load beside those that other sources have read. */
final class ReadNumbers {

  private ReadNumbers() {}

  /**
   * The load with these attributes; the very load when there is none.
   *
   * @param numbers by attribute key
   * @param nowNanos when they were read
   */
  static EndpointLoad into(EndpointLoad load, Map<String, Double> numbers, long nowNanos) {
    if (numbers.isEmpty()) {
      return load;
    }
    Map<String, Double> attributes = load.attributes();
    if (!attributes.entrySet().containsAll(numbers.entrySet())) {
      attributes = new HashMap<>(attributes);
      attributes.putAll(numbers);
    }
    return new EndpointLoad(
        load.waitingRequests(),
        load.runningRequests(),
        load.kvCacheUtilization(),
        load.activeAdapters(),
        load.waitingAdapters(),
        load.maxActiveAdapters(),
        load.cacheBlockTokens(),
        load.cacheBlocks(),
        attributes,
        nowNanos,
        true,
        load.reported(),
        load.readAt());
  }
}
