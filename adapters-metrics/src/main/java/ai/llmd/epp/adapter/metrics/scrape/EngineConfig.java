package ai.llmd.epp.adapter.metrics.scrape;

import java.util.List;

/**
 * The metric names of one kind of model server. An empty specification switches its value off.
 *
 * @param name value of the engine label of its endpoints
 * @param queuedRequestsSpec requests waiting
 * @param runningRequestsSpec requests running
 * @param kvUsageSpec share of the KV cache in use
 * @param loraSpec series whose labels list LoRA adapters and whose value is its creation time
 * @param cacheInfoSpec series whose labels give the KV cache's geometry
 * @param cacheBlockSizeLabelName label of it with the tokens of a block; empty: block_size
 * @param cacheNumBlocksLabelName label of it with the number of blocks; empty: num_gpu_blocks
 * @param cacheBlockSizeSpec tokens of a block, for engines that report it as a value
 * @param cacheNumBlocksSpec number of blocks, likewise
 * @param customMetrics further values, published as attributes
 */
public record EngineConfig(
    String name,
    String queuedRequestsSpec,
    String runningRequestsSpec,
    String kvUsageSpec,
    String loraSpec,
    String cacheInfoSpec,
    String cacheBlockSizeLabelName,
    String cacheNumBlocksLabelName,
    String cacheBlockSizeSpec,
    String cacheNumBlocksSpec,
    List<CustomMetric> customMetrics) {

  /**
   * A value that becomes the attribute {@code <attributeKey>/core-metrics-extractor}.
   *
   * @param attributeKey name of the attribute
   * @param metricSpec where the value comes from
   */
  public record CustomMetric(String attributeKey, String metricSpec) {}

  /** The engines known without configuration. */
  static final List<EngineConfig> BUILT_IN =
      List.of(
          new EngineConfig(
              "vllm",
              "vllm:num_requests_waiting",
              "vllm:num_requests_running",
              "vllm:kv_cache_usage_perc",
              "vllm:lora_requests_info",
              "vllm:cache_config_info",
              "",
              "",
              "",
              "",
              List.of()),
          new EngineConfig(
              "sglang",
              "sglang:num_queue_reqs",
              "sglang:num_running_reqs",
              "sglang:token_usage",
              "",
              "sglang:cache_config_info",
              "page_size",
              "num_pages",
              "",
              "",
              List.of()),
          new EngineConfig(
              "trtllm-serve",
              "trtllm_num_requests_waiting",
              "trtllm_num_requests_running",
              "trtllm_kv_cache_utilization",
              "",
              "",
              "",
              "",
              "trtllm_kv_cache_tokens_per_block",
              "trtllm_kv_cache_max_blocks",
              List.of()),
          new EngineConfig(
              "triton-tensorrt-llm",
              "nv_trt_llm_request_metrics{request_type=waiting}",
              "nv_trt_llm_request_metrics{request_type=scheduled}",
              "nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=fraction}",
              "",
              "",
              "",
              "",
              "nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=tokens_per}",
              "nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=max}",
              List.of()),
          new EngineConfig(
              "triton",
              "nv_inference_pending_request_count",
              "nv_inference_exec_count",
              "",
              "",
              "",
              "",
              "",
              "",
              "",
              List.of()));

  public EngineConfig {
    customMetrics = List.copyOf(customMetrics);
  }
}
