package ai.llmd.epp.domain.pool;

import java.util.Map;
import java.util.Set;

/**
 * What one model server reported about itself at one instant.
 *
 * <p>A later sample replaces the whole value, so its components always belong together. The values
 * are as reported: a broken server may send a negative or huge one, and every reader copes.
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
    boolean isSampled) {

  /** Nothing is known yet; reads like an idle server, as in the reference. */
  public static final EndpointLoad UNSAMPLED =
      new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, false);

  public EndpointLoad {
    activeAdapters = Set.copyOf(activeAdapters);
    waitingAdapters = Set.copyOf(waitingAdapters);
    attributes = Map.copyOf(attributes);
  }
}
