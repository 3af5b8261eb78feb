package ai.llmd.epp.adapter.metrics.scrape;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Recorded cases: from the folder in the system property {@code golden.dir}, else our copies. */
final class GoldenFiles {

  private GoldenFiles() {}

  static JsonNode read(String name) throws IOException {
    String folder = System.getProperty("golden.dir", "");
    try (InputStream in =
        folder.isEmpty()
            ? GoldenFiles.class.getResourceAsStream("/golden/" + name)
            : Files.newInputStream(located(folder).resolve(name))) {
      return JsonMapper.builder().build().readTree(in);
    }
  }

  /** A relative folder counts from the module, or else from the checkout. */
  private static Path located(String folder) {
    Path fromModule = Path.of(folder).toAbsolutePath();
    return Files.isDirectory(fromModule) ? fromModule : Path.of("..", folder).toAbsolutePath();
  }
}
