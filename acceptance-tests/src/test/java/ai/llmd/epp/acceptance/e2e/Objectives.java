package ai.llmd.epp.acceptance.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Urgent requests and batch work, each with an objective of its own. */
final class Objectives {

  /** The header that names the objective of a request. */
  static final String OBJECTIVE = "x-llm-d-inference-objective";

  private Objectives() {}

  /**
   * The flags of a picker that knows both.
   *
   * @param folder for the file of the objectives
   */
  static List<String> flags(Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("objectives.yaml"),
            """
            apiVersion: llm-d.ai/v1alpha2
            kind: InferenceObjective
            metadata: {name: urgent}
            spec: {priority: 10}
            ---
            apiVersion: llm-d.ai/v1alpha2
            kind: InferenceObjective
            metadata: {name: batch}
            spec: {priority: -1}
            """);
    return List.of("--objectives-file=" + file, "--allow-experimental-plugins");
  }
}
