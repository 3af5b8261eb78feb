package ai.llmd.epp.acceptance.e2e;

import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import java.nio.file.Path;

/** Configurations that send a prompt where its beginning is thought to be cached. */
final class PreciseConfiguration {

  private static final String BEGIN =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
      """;
  private static final String END =
      """
      - type: queue-scorer
      schedulingProfiles:
      - name: default
        plugins: [{pluginRef: prefix-cache-scorer, weight: 100}, {pluginRef: queue-scorer}]
      dataLayer:
        discovery: {pluginRef: endpoints}
      """;

  private PreciseConfiguration() {}

  /** Where what the picker sent went to, whatever model servers report. */
  static String approximate() {
    return BEGIN + "- type: prefix-cache-scorer\n" + END;
  }

  /** Tokens by a model's own files. */
  static String local(Path model) {
    return local(model, "");
  }

  /**
   * Tokens by a model's own files.
   *
   * @param template another chat template; empty for the model's
   */
  static String local(Path model, String template) {
    return "{local: {tokenizer: \"%s\", chatTemplate: \"%s\"}}".formatted(model, template);
  }

  /** Tokens by a renderer, for which a request waits half a second. */
  static String rendered(int port) {
    return rendered(port, "500ms");
  }

  /**
   * Tokens by a renderer.
   *
   * @param within time that a request waits for it
   */
  static String rendered(int port, String within) {
    return "{modelName: %s, vllm: {url: \"http://127.0.0.1:%d\", mmTimeout: %s, timeout: %s}}"
        .formatted(SimulatorProcess.MODEL, port, within, within);
  }

  /** Model servers connect to this port. */
  static String connectedTo(String tokens, int port) {
    return following(
        tokens, "zmqEndpoint: \"tcp://127.0.0.1:%d\", discoverPods: false".formatted(port));
  }

  /** Each model server is connected to, at its own address. */
  static String connecting(String tokens, int port, int replayPort) {
    return following(
        tokens,
        "podDiscoveryConfig: {socketPort: %d, replaySocketPort: %d}".formatted(port, replayPort));
  }

  private static String following(String tokens, String events) {
    return BEGIN
        + """
        - type: token-producer
          parameters: %s
        - type: precise-prefix-cache-producer
          parameters: {kvEventsConfig: {%s}}
        - type: prefix-cache-scorer
          parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
        """
            .formatted(tokens, events)
        + END;
  }
}
