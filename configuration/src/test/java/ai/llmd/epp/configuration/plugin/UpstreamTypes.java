package ai.llmd.epp.configuration.plugin;

import java.util.Set;

/** Every plugin type of llm-d-router 0.10. */
public final class UpstreamTypes {

  public static final Set<String> ALL =
      Set.of(
          """
          decode-filter prefill-filter encode-filter label-selector-filter
          prefix-cache-affinity-filter slo-headroom-tier-filter header-based-testing-filter
          context-length-aware session-affinity-filter multicluster-session-affinity-filter
          endpoint-attribute-filter topology-affinity-filter utilization-filter
          queue-scorer running-requests-size-scorer kv-cache-utilization-scorer
          lora-affinity-scorer load-aware-scorer active-request-scorer token-load-scorer
          prefix-cache-scorer precise-prefix-cache-scorer no-hit-lru-scorer
          mm-embeddings-cache-scorer latency-scorer session-affinity-scorer
          header-label-affinity-scorer endpoint-attribute-scorer topology-affinity-scorer
          multicluster-queue-scorer multicluster-kv-cache-utilization-scorer
          multicluster-prefix-cache-scorer
          max-score-picker random-picker weighted-random-picker
          single-profile-handler data-parallel-profile-handler disagg-profile-handler
          header-profile-handler always-disagg-pd-decider prefix-based-pd-decider
          always-disagg-multimodal-decider
          metrics-data-source core-metrics-extractor models-data-source models-data-extractor
          k8s-notification-source endpoint-notification-source file-discovery dcgm-data-source
          dcgm-extractor topology-extractor multicluster-metrics-data-source
          multicluster-metrics-extractor multicluster-file-discovery
          approx-prefix-cache-producer precise-prefix-cache-producer inflight-load-producer
          predicted-latency-producer mm-embeddings-cache-producer token-producer
          session-id-producer burst-prefix-cache-producer p2p-source-producer
          multicluster-approx-prefix-cache-producer
          latency-slo-admitter probabilistic-admitter request-attribute-reporter
          destination-endpoint-served-verifier agent-identity disaggregatedset-rollout-screener
          openai-parser anthropic-parser vllmhttp-parser sglanghttp-parser vertexai-parser
          vllmgrpc-parser passthrough-parser
          global-strict-fairness-policy round-robin-fairness-policy program-aware-fairness
          fcfs-ordering-policy edf-ordering-policy slo-deadline-ordering-policy
          static-usage-limit-policy utilization-detector concurrency-detector
          sheddable-eviction-filter priority-then-time-eviction-order-policy
          priority-holdback-policy soft-reflective-ceiling-policy
          by-label by-label-selector disagg-headers-handler prefill-header-handler
          pd-profile-handler tokenizer\
          """
              .split("\\s+"));

  private UpstreamTypes() {}
}
