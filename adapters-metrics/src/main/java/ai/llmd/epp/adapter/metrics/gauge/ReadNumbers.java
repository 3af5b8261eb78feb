package ai.llmd.epp.adapter.metrics.gauge;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.ReadTimes;
import java.util.HashMap;
import java.util.Map;

/** Puts numbers into a load beside those that other sources have read. */
final class ReadNumbers {

  private ReadNumbers() {}

  /**
   * The load with these attributes; the very load when there is none. The age of a load is that of
   * the model server's own page, where that has been read: another page that is there does not make
   * old figures new.
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
    boolean hasOwnAge = load.isSampled() && hasFigures(load.readAt());
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
        hasOwnAge ? load.sampledAtNanos() : nowNanos,
        true,
        load.reported(),
        load.readAt());
  }

  private static boolean hasFigures(ReadTimes times) {
    return times.waitingRequests() != ReadTimes.NEVER
        || times.runningRequests() != ReadTimes.NEVER
        || times.kvCacheUtilization() != ReadTimes.NEVER
        || times.adapters() != ReadTimes.NEVER;
  }
}
