package ai.llmd.epp.acceptance.e2e;

import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import java.nio.file.Path;

/** Configurations that send a prompt where model servers report its beginning. */
final class PreciseConfiguration {

  private PreciseConfiguration() {}

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

  /** Tokens by a renderer. */
  static String rendered(int port) {
    return "{modelName: %s, vllm: {url: \"http://127.0.0.1:%d\", mmTimeout: 500ms, timeout: 500ms}}"
        .formatted(SimulatorProcess.MODEL, port);
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
    return """
    apiVersion: llm-d.ai/v1alpha1
    kind: EndpointPickerConfig
    plugins:
    - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
    - type: token-producer
      parameters: %s
    - type: precise-prefix-cache-producer
      parameters: {kvEventsConfig: {%s}}
    - type: prefix-cache-scorer
      parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
    - type: queue-scorer
    schedulingProfiles:
    - name: default
      plugins: [{pluginRef: prefix-cache-scorer, weight: 100}, {pluginRef: queue-scorer}]
    dataLayer:
      discovery: {pluginRef: endpoints}
    """
        .formatted(tokens, events);
  }
}
