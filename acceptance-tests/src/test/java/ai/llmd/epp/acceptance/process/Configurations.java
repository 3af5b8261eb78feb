package ai.llmd.epp.acceptance.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configuration files for tests. */
final class Configurations {

  private Configurations() {}

  static Path write(Path folder, String text) throws IOException {
    return Files.writeString(folder.resolve("config.yaml"), text);
  }

  /** One that serves an endpoint on which no process listens. */
  static String good(Path folder) throws IOException {
    Path endpoints =
        Files.writeString(
            folder.resolve("endpoints.yaml"),
            "endpoints: [{name: a, address: 127.0.0.1, port: \"1\"}]\n");
    return """
    apiVersion: llm-d.ai/v1alpha1
    kind: EndpointPickerConfig
    plugins:
    - type: file-discovery
      parameters: {path: %s}
    dataLayer:
      discovery: {pluginRef: file-discovery}
    """
        .formatted(endpoints);
  }
}
