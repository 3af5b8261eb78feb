package ai.llmd.epp.adapter.extproc;

import java.util.Set;

/**
 * Names that belong to the gateway and the picker: read, never echoed; and those by which the
 * picker instructs model servers, which no client may send.
 */
final class SystemHeaders {

  static final String DESTINATION = "x-gateway-destination-endpoint";
  static final String REQUEST_ID = "x-request-id";
  static final String DROPPED_REASON = "x-llm-d-request-dropped-reason";

  static final String QUEUE_DURATION = "x-llm-d-flow-queue-duration-ms";

  static final String OBJECTIVE = "x-llm-d-inference-objective";
  static final String OBJECTIVE_ALIAS = "x-gateway-inference-objective";
  static final String FAIRNESS = "x-llm-d-inference-fairness-id";
  static final String FAIRNESS_ALIAS = "x-gateway-inference-fairness-id";
  static final String REWRITE = "x-llm-d-model-name-rewrite";
  static final String REWRITE_ALIAS = "x-gateway-model-name-rewrite";

  private static final Set<String> OWNED =
      Set.of(
          DESTINATION,
          "x-gateway-destination-endpoint-served",
          "x-gateway-destination-endpoint-subset",
          DROPPED_REASON,
          QUEUE_DURATION,
          OBJECTIVE,
          OBJECTIVE_ALIAS,
          FAIRNESS,
          FAIRNESS_ALIAS,
          REWRITE,
          REWRITE_ALIAS,
          "x-llm-d-slo-ttft-ms",
          "x-slo-ttft-ms",
          "x-llm-d-slo-tpot-ms",
          "x-slo-tpot-ms",
          "x-llm-d-video-fps",
          "x-llm-d-video-duration-seconds",
          "x-llm-d-video-resolution",
          "content-length");

  /** Where a model server gets what other stages computed: addresses that it connects to. */
  private static final Set<String> WRITTEN_BY_PICKER_ALONE =
      Set.of(
          "x-prefiller-host-port",
          "x-encoder-hosts-ports",
          "x-data-parallel-host-port",
          "x-kv-cache-source-host-port");

  private SystemHeaders() {}

  static boolean owns(String lowerCaseName) {
    return OWNED.contains(lowerCaseName);
  }

  /** Whether a client's header of this name is removed, whatever plugins are configured. */
  static boolean isWrittenByPickerAlone(String lowerCaseName) {
    return WRITTEN_BY_PICKER_ALONE.contains(lowerCaseName);
  }
}
