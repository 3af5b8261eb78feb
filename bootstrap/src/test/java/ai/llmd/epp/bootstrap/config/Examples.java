package ai.llmd.epp.bootstrap.config;

/** Configurations that the reference was started with. */
final class Examples {

  static final String DEFAULT =
      """
      # Behaves exactly like starting with no configuration at all.
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      featureGates: []
      plugins:
      - type: queue-scorer
      - type: kv-cache-utilization-scorer
      - type: prefix-cache-scorer
      - type: metrics-data-source
      - type: core-metrics-extractor
      - type: single-profile-handler
      - type: max-score-picker
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: queue-scorer
          weight: 2
        - pluginRef: kv-cache-utilization-scorer
          weight: 2
        - pluginRef: prefix-cache-scorer
          weight: 3
        - pluginRef: max-score-picker
      dataLayer:
        sources:
        - pluginRef: metrics-data-source
          extractors:
          - pluginRef: core-metrics-extractor
      requestHandler:
        parsers:
        - pluginRef: openai-parser
        - pluginRef: anthropic-parser
        - pluginRef: vllmhttp-parser
        - pluginRef: passthrough-parser
      flowControl:
        saturationDetector:
          pluginRef: utilization-detector
      """;

  static final String PREFIX =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - name: shared-approx
        type: approx-prefix-cache-producer
        parameters:
          autoTune: false
          blockSizeTokens: 96
          maxPrefixTokensToMatch: 24576
          lruCapacityPerServer: 18000
      - name: prefix
        type: prefix-cache-scorer
        parameters:
          prefixMatchInfoProducerName: shared-approx
          matchLengthWeight: 0.35
          matchLengthScaleTokens: 6144
      - name: queue
        type: queue-scorer
      - name: kv
        type: kv-cache-utilization-scorer
      - name: pick-two
        type: max-score-picker
        parameters:
          maxNumOfEndpoints: 2
      schedulingProfiles:
      - name: chat
        plugins:
        - pluginRef: prefix
          weight: 5
        - pluginRef: queue
          weight: 2.5
        - pluginRef: kv
          weight: 1.5
        - pluginRef: pick-two
      """;

  static final String LORA =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - name: loaded-adapters
        type: lora-affinity-scorer
      - name: waiting
        type: queue-scorer
      - name: cache
        type: kv-cache-utilization-scorer
      - name: spread
        type: weighted-random-picker
      - type: core-metrics-extractor
        parameters:
          defaultEngine: vllm
      - type: metrics-data-source
        parameters:
          scheme: http
          path: /metrics
          interval: 150ms
      dataLayer:
        injectDefaults: false
        sources:
        - pluginRef: metrics-data-source
          extractors:
          - pluginRef: core-metrics-extractor
      schedulingProfiles:
      - name: adapters
        plugins:
        - pluginRef: loaded-adapters
          weight: 4
        - pluginRef: waiting
          weight: 1.25
        - pluginRef: cache
          weight: 0.75
        - pluginRef: spread
      """;

  static final String FILE_DISCOVERY =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - name: static-endpoints
        type: file-discovery
        parameters:
          path: /etc/epp/endpoints.yaml
          watchFile: true
      - type: queue-scorer
      - type: load-aware-scorer
        parameters:
          threshold: 40
      - type: prefix-cache-scorer
      dataLayer:
        discovery:
          pluginRef: static-endpoints
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: queue-scorer
          weight: 1
        - pluginRef: load-aware-scorer
          weight: 1
        - pluginRef: prefix-cache-scorer
          weight: 3
      """;

  private Examples() {}
}
