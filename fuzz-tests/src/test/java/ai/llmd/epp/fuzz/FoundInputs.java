package ai.llmd.epp.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Inputs that once failed, kept in the sources: {@code src/test/resources/found/TARGET/}. */
final class FoundInputs {

  private static final Path FOUND = Path.of("src/test/resources/found");

  private FoundInputs() {}

  static List<byte[]> of(FuzzTarget target) throws IOException {
    Path folder = module().resolve(FOUND).resolve(target.name());
    List<byte[]> inputs = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          inputs.add(Files.readAllBytes(file));
        }
      }
    }
    return inputs;
  }

  /** The folder of this module, wherever the tests are started. */
  static Path module() {
    Path here = Path.of("").toAbsolutePath();
    return here.endsWith("fuzz-tests") ? here : here.resolve("fuzz-tests");
  }
}
