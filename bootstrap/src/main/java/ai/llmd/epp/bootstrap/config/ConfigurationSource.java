package ai.llmd.epp.bootstrap.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The text of a configuration and where it came from.
 *
 * @param origin file name or flag, for messages
 */
public record ConfigurationSource(String origin, String text) {

  /** Behaves like the reference started without any configuration. */
  private static final String BUILT_IN =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: queue-scorer
      - type: kv-cache-utilization-scorer
      - type: prefix-cache-scorer
      - type: metrics-data-source
      - type: core-metrics-extractor
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: queue-scorer
          weight: 2
        - pluginRef: kv-cache-utilization-scorer
          weight: 2
        - pluginRef: prefix-cache-scorer
          weight: 3
      dataLayer:
        sources:
        - pluginRef: metrics-data-source
          extractors:
          - pluginRef: core-metrics-extractor
      """;

  /**
   * The configuration that the flags name; the built-in one when they name none, or a file of zero
   * bytes.
   *
   * @param text value of {@code --config-text}; empty when not given
   * @param file value of {@code --config-file}; empty when not given
   * @throws IOException when the file cannot be read
   */
  public static ConfigurationSource of(String text, String file) throws IOException {
    if (!text.isEmpty()) {
      return new ConfigurationSource("--config-text", text);
    }
    String content = file.isEmpty() ? "" : Files.readString(Path.of(file));
    return content.isEmpty()
        ? new ConfigurationSource("built-in configuration", BUILT_IN)
        : new ConfigurationSource(file, content);
  }
}
