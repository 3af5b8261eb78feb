package ai.llmd.epp.image;

import java.nio.file.Path;
import java.util.List;

/**
 * A program that an image is made of.
 *
 * @param name of its executable below {@code /app}, where operators look for it, and of its files
 * @param mainClass gets the executable's path, then the arguments
 * @param title for a label
 * @param ports that the image declares
 * @param isReady what a line of its log contains once it serves
 */
record Program(String name, String mainClass, String title, List<String> ports, String isReady) {

  /** The endpoint picker. */
  static final Program PICKER =
      new Program(
          "epp",
          "ai.llmd.epp.bootstrap.EppFile",
          "llm-d endpoint picker for the JVM",
          List.of("9002", "9003", "9090"),
          "\"msg\":\"serving\"");

  /** The sidecar of decode pods. */
  static final Program SIDECAR =
      new Program(
          "pd-sidecar",
          "ai.llmd.epp.sidecar.SidecarFile",
          "llm-d prefill/decode sidecar for the JVM",
          List.of("8000"),
          "\"msg\":\"sidecar ready\"");

  /**
   * The one with this name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Program named(String name) {
    return List.of(PICKER, SIDECAR).stream()
        .filter(program -> program.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no program is called " + name));
  }

  /** The program where operators look for it. */
  String executable() {
    return Application.PLACE + "/" + name;
  }

  /**
   * How it is started to learn which classes it loads.
   *
   * @param work folder for its files
   * @param port that is free
   */
  List<String> trainingArguments(Path work, int port) {
    return name.equals(PICKER.name)
        ? List.of(
            "--pool-name=training",
            "--config-text=" + pickerConfiguration(work.resolve("training-endpoints.yaml")),
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0")
        : List.of("--port=" + port);
  }

  private static String pickerConfiguration(Path endpoints) {
    return """
    plugins:
    - {type: file-discovery, parameters: {path: "%s", watchFile: true}}
    - type: queue-scorer
    - type: kv-cache-utilization-scorer
    - type: prefix-cache-scorer
    dataLayer: {discovery: {pluginRef: file-discovery}}
    """
        .formatted(endpoints);
  }
}
