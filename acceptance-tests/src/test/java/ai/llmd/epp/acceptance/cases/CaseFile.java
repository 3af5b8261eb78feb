package ai.llmd.epp.acceptance.cases;

import ai.llmd.epp.domain.golden.GoldenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** An input of a case: that of the folder which {@code golden.dir} names, or our own copy. */
final class CaseFile {

  private CaseFile() {}

  /**
   * Its bytes.
   *
   * @param name below {@code cases}, such as {@code websocket-upgrade/handshake.txt}
   */
  static byte[] read(String name) {
    Optional<Path> given = GoldenFiles.given(name).or(() -> GoldenFiles.given("cases/" + name));
    try {
      if (given.isPresent()) {
        return Files.readAllBytes(given.get());
      }
      try (var in = CaseFile.class.getResourceAsStream("/cases/" + name)) {
        return Objects.requireNonNull(in, name).readAllBytes();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its text. */
  static String text(String folder, String file) {
    return new String(read(folder + "/" + file), StandardCharsets.UTF_8);
  }
}
