package ai.llmd.epp.adapter.extproc.body;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Cases recorded from the reference. They lie beside the tests; the system property {@code
 * golden.dir} names another folder, absolute or relative to the root of the build or to the module.
 */
final class Golden {

  static final JsonMapper JSON = JsonMapper.shared();

  private Golden() {}

  /** The cases of one section of a file. */
  static Stream<JsonNode> cases(String file, String section) {
    try (InputStream in = open(file)) {
      return JSON.readTree(in.readAllBytes()).get(section).valueStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String file) throws IOException {
    String folder = System.getProperty("golden.dir", "");
    if (!folder.isEmpty()) {
      Path fromModule = Path.of(folder);
      Path fromRoot = Path.of("..").resolve(folder); // tests run inside their module
      Path found = Files.isDirectory(fromRoot) && !fromModule.isAbsolute() ? fromRoot : fromModule;
      return Files.newInputStream(found.resolve(file));
    }
    return Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + file), file);
  }
}
