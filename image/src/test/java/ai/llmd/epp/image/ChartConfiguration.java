package ai.llmd.epp.image;

import java.util.Map;

/** The files that the charts put into {@code /config}, in their variants. */
final class ChartConfiguration {

  private static final String CUSTOM = "{plugins: [{type: load-aware-scorer}]}\n";

  private static final String ANY_FORMAT =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: passthrough-parser
      - type: active-request-scorer
      - type: session-affinity-scorer
      requestHandler:
        parsers:
        - pluginRef: passthrough-parser
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: active-request-scorer
          weight: 1
        - pluginRef: session-affinity-scorer
          weight: 1
      """;

  private static final String DEFAULT =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: queue-scorer
      - type: kv-cache-utilization-scorer
      - type: prefix-cache-scorer
      - type: metrics-data-source
        parameters:
          scheme: "http"
          path: "/metrics"
          insecureSkipVerify: true
      - type: core-metrics-extractor
      ${EXTRAS}schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: queue-scorer
          weight: 2
        - pluginRef: kv-cache-utilization-scorer
          weight: 2
        - pluginRef: prefix-cache-scorer
          weight: 3
      """;

  private static final String LATENCY =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: predicted-latency-producer
      - type: prefix-cache-affinity-filter
        name: strict-affinity-filter
        parameters: {affinityThreshold: 0.99, ttftSource: latencyPredictor, maxTTFTPenaltyMs: 5000}
      - type: prefix-cache-affinity-filter
        name: loose-affinity-filter
        parameters: {affinityThreshold: 0.80, ttftSource: latencyPredictor, maxTTFTPenaltyMs: 5000}
      - type: latency-scorer
      - type: weighted-random-picker
      - type: slo-headroom-tier-filter
      - type: latency-slo-admitter
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: predicted-latency-producer
        - pluginRef: strict-affinity-filter
        - pluginRef: slo-headroom-tier-filter
        - pluginRef: loose-affinity-filter
        - pluginRef: latency-scorer
        - pluginRef: weighted-random-picker
      """;

  private ChartConfiguration() {}

  /** Files by name for a kind of model servers, or another variant. */
  static Map<String, String> of(String variant) {
    return Map.of(
        "default-plugins.yaml",
        variant.equals("latency-predictor")
            ? LATENCY
            : DEFAULT.replace("${EXTRAS}", extras(variant)),
        "payload-agnostic.yaml",
        ANY_FORMAT,
        "custom-plugins.yaml",
        CUSTOM);
  }

  private static String extras(String variant) {
    return switch (variant) {
      case "vllm+grpc" -> parser("vllmgrpc-parser");
      case "sglang", "trtllm-serve", "triton-tensorrt-llm" -> engine(variant);
      case "triton" -> engine(variant) + parser("passthrough-parser");
      default -> "";
    };
  }

  private static String engine(String name) {
    return "  parameters: {defaultEngine: \"" + name + "\"}\n";
  }

  private static String parser(String type) {
    return "- type: " + type + "\nrequestHandler: {parsers: [{pluginRef: " + type + "}]}\n";
  }
}
