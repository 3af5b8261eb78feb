package ai.llmd.epp.domain.pool;

import java.util.Map;
import java.util.Set;

/**
 * What one model server reported about itself at one instant.
 *
 * <p>A later sample replaces the whole value, so its components always belong together. The values
 * are as reported: a broken server may send a huge one, and every reader copes. What a server has
 * never reported is not zero: {@link #reported} knows it, and the value itself is 0 or empty.
 *
 * @param waitingRequests requests queued inside the server; {@code vllm:num_requests_waiting}
 * @param runningRequests requests being executed; {@code vllm:num_requests_running}
 * @param kvCacheUtilization share of KV-cache blocks in use, meant to be within {@code [0, 1]};
 *     {@code vllm:kv_cache_usage_perc}
 * @param activeAdapters LoRA adapters that are loaded; {@code vllm:lora_requests_info}
 * @param waitingAdapters LoRA adapters that wait to be loaded
 * @param maxActiveAdapters LoRA adapters that may be loaded at once
 * @param cacheBlockTokens tokens of one KV-cache block, 0 when unknown
 * @param cacheBlocks KV-cache blocks of the server, 0 when unknown
 * @param attributes further numbers, by attribute key {@code <name>/<extractor>}
 * @param sampledAtNanos {@link System#nanoTime()} at the moment the sample arrived; meaningless
 *     when {@link #isSampled()} is false
 * @param isSampled false until the first sample arrived
 * @param reported which values the server has ever reported
 */
public record EndpointLoad(
    int waitingRequests,
    int runningRequests,
    double kvCacheUtilization,
    Set<String> activeAdapters,
    Set<String> waitingAdapters,
    int maxActiveAdapters,
    int cacheBlockTokens,
    int cacheBlocks,
    Map<String, Double> attributes,
    long sampledAtNanos,
    boolean isSampled,
    Reported reported) {

  /** Nothing is known yet. */
  public static final EndpointLoad UNSAMPLED = unsampled(Reported.NOTHING);

  /** Nothing is known yet, and counts as the load of an idle server, as in the reference. */
  public static final EndpointLoad UNSAMPLED_AS_ZERO = unsampled(Reported.EVERYTHING);

  /**
   * Which values a server has reported once or more since it joined the pool.
   *
   * @param adapters the three values about LoRA adapters, which are reported together
   */
  public record Reported(
      boolean waitingRequests,
      boolean runningRequests,
      boolean kvCacheUtilization,
      boolean adapters) {

    public static final Reported NOTHING = new Reported(false, false, false, false);
    public static final Reported EVERYTHING = new Reported(true, true, true, true);

    /** What either has; one of the two themselves when that has all of it. */
    public Reported and(Reported more) {
      Reported both =
          new Reported(
              waitingRequests || more.waitingRequests,
              runningRequests || more.runningRequests,
              kvCacheUtilization || more.kvCacheUtilization,
              adapters || more.adapters);
      return both.equals(this) ? this : both;
    }
  }

  /** A load of which every value was reported. */
  public EndpointLoad(
      int waitingRequests,
      int runningRequests,
      double kvCacheUtilization,
      Set<String> activeAdapters,
      Set<String> waitingAdapters,
      int maxActiveAdapters,
      int cacheBlockTokens,
      int cacheBlocks,
      Map<String, Double> attributes,
      long sampledAtNanos,
      boolean isSampled) {
    this(
        waitingRequests,
        runningRequests,
        kvCacheUtilization,
        activeAdapters,
        waitingAdapters,
        maxActiveAdapters,
        cacheBlockTokens,
        cacheBlocks,
        attributes,
        sampledAtNanos,
        isSampled,
        Reported.EVERYTHING);
  }

  private static EndpointLoad unsampled(Reported reported) {
    return new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, false, reported);
  }

  public EndpointLoad {
    activeAdapters = Set.copyOf(activeAdapters);
    waitingAdapters = Set.copyOf(waitingAdapters);
    attributes = Map.copyOf(attributes);
  }
}
