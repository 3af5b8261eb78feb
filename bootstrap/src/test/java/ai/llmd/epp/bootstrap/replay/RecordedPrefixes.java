package ai.llmd.epp.bootstrap.replay;

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
 * The requests of {@code approx_prefix_hashes.json}, from the folder of system property {@code
 * golden.dir} when that is set, otherwise from the tests of {@code adapters-extproc}.
 */
final class RecordedPrefixes {

  private static final String FILE = "approx_prefix_hashes.json";

  private RecordedPrefixes() {}

  static Stream<JsonNode> cases() {
    try (InputStream file = open()) {
      return JsonMapper.shared().readTree(file.readAllBytes()).get("cases").valueStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open() throws IOException {
    String folder = System.getProperty("golden.dir", "");
    if (folder.isEmpty()) {
      return Objects.requireNonNull(
          RecordedPrefixes.class.getResourceAsStream("/golden/" + FILE), FILE);
    }
    Path inModule = Path.of(folder);
    Path inProject = Path.of("..").resolve(folder);
    return Files.newInputStream((Files.isDirectory(inModule) ? inModule : inProject).resolve(FILE));
  }
}
