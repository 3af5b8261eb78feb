package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The image as files, to be started as often as one likes with one endpoint, {@link #WORKER}. */
final class UnpackedImage {

  static final String WORKER = "192.0.2.7:8000";

  private static final String CONFIGURATION =
      """
      plugins:
      - {type: file-discovery, parameters: {path: /config/endpoints.yaml, watchFile: true}}
      - type: queue-scorer
      - type: prefix-cache-scorer
      dataLayer: {discovery: {pluginRef: file-discovery}}
      """;

  private final JsonNode container;
  private final Path root;
  private int started;

  private UnpackedImage(JsonNode container, Path root) {
    this.container = container;
    this.root = root;
  }

  /** Skips the test on a machine where it could not be started, unless that is the CI's. */
  static UnpackedImage below(Path folder, FinishedImage image)
      throws IOException, InterruptedException {
    assumeTrue(image.isForThisMachine(), () -> "the image is for " + image.architecture().image());
    String obstacle = Container.obstacle();
    if (!obstacle.isEmpty()) {
      assertThat(System.getenv("CI")).as(obstacle).isNotEqualTo("true");
      abort(obstacle);
    }
    Path root = Files.createDirectory(folder.resolve("root"));
    image.unpack(root);
    Container.makeMountPoints(root);
    Files.writeString(
        Files.createDirectory(root.resolve("config")).resolve("endpoints.yaml"),
        "endpoints: [{name: worker, address: 192.0.2.7, port: '8000'}]\n");
    return new UnpackedImage(image.configuration().get("config"), root);
  }

  /**
   * Starts another container, and waits until it serves.
   *
   * @param stateStore what is appended to the configuration
   */
  Container start(String stateStore) throws IOException {
    String name = "epp-" + started + ".yaml";
    writeConfig(name, CONFIGURATION + stateStore);
    return start(
            Map.of(),
            List.of(
                "--pool-name=p",
                "--config-file=/config/" + name,
                "--secure-serving=false",
                "--grpc-port=0",
                "--grpc-health-port=0",
                "--metrics-port=0"))
        .awaitServing();
  }

  /** Starts another container, and waits for nothing. */
  Container start(Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    container.get("Entrypoint").forEach(word -> command.add(word.asString()));
    command.addAll(arguments);
    Path log = root.resolveSibling("epp-" + started++ + "-log.txt");
    return Container.start(root, container.get("User").asString(), environment, command, log);
  }

  /** Puts a file into the folder {@code /config} of all containers, or replaces it. */
  void writeConfig(String name, String text) throws IOException {
    Path file = root.resolve("config").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
