package ai.llmd.epp.bootstrap.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The text of a configuration and where it came from.
 *
 * @param origin file name or flag, for messages
 */
public record ConfigurationSource(String origin, String text) {

  private static final int MAX_BYTES = 4 << 20;

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
   * @throws IOException when the file cannot be read or is too large, with a sentence that names it
   */
  public static ConfigurationSource of(String text, String file) throws IOException {
    if (!text.isEmpty()) {
      return new ConfigurationSource("--config-text", text);
    }
    String content = file.isEmpty() ? "" : read(Path.of(file));
    return content.isEmpty()
        ? new ConfigurationSource("built-in configuration", BUILT_IN)
        : new ConfigurationSource(file, content);
  }

  /**
   * The text of a file that is read with the same bound.
   *
   * @throws IOException when it cannot be read or is too large, with a sentence that names it
   */
  public static ConfigurationSource ofFile(String file) throws IOException {
    return new ConfigurationSource(file, read(Path.of(file)));
  }

  private static String read(Path file) throws IOException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e, e);
    }
    if (content.length > MAX_BYTES) {
      throw new IOException(file + ": larger than " + MAX_BYTES + " bytes");
    }
    return new String(content, StandardCharsets.UTF_8);
  }
}
