package ai.llmd.epp.application.producer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Recorded answers of the reference: from the folder that system property {@code golden.dir} names,
 * relative to this module or to the checkout, or else from the test's resources.
 */
final class Golden {

  private Golden() {}

  static JsonNode read(String file) {
    try (InputStream in = open(file)) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String file) throws IOException {
    String folder = System.getProperty("golden.dir", "");
    if (folder.isEmpty()) {
      InputStream resource = Golden.class.getResourceAsStream("/golden/" + file);
      if (resource == null) {
        throw new IOException("no test resource golden/" + file);
      }
      return resource;
    }
    Path inModule = Path.of(folder).toAbsolutePath().resolve(file);
    return Files.newInputStream(
        Files.exists(inModule) ? inModule : Path.of("..").resolve(folder).resolve(file));
  }
}
