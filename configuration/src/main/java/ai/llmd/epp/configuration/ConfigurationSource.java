package ai.llmd.epp.configuration;

import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;

/** Finds the text of the configuration. */
public final class ConfigurationSource {

  /** Behaves like the reference started without any configuration. */
  private static final String BUILT_IN =
      """
      apiVersion: llm-d.ai/v1
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

  private ConfigurationSource() {}

  /**
   * The configuration that the flags name; the built-in one when they name none, or a file of zero
   * bytes.
   *
   * @param text value of {@code --config-text}; empty when not given
   * @param file value of {@code --config-file}; empty when not given
   * @throws IOException when the file cannot be read or is too large, with a sentence that names it
   */
  public static YamlSource of(String text, String file) throws IOException {
    if (!text.isEmpty()) {
      return new YamlSource("--config-text", text);
    }
    YamlSource read = file.isEmpty() ? null : YamlSource.ofFile(file);
    return read == null || read.text().isEmpty()
        ? new YamlSource("built-in configuration", BUILT_IN)
        : read;
  }
}
