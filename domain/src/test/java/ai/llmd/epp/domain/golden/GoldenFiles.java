package ai.llmd.epp.domain.golden;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where recorded cases are: in the folder that system property {@code golden.dir} names, for the
 * files it has, otherwise in the test resources of the module that asks ({@code /golden/…}).
 */
public final class GoldenFiles {

  private GoldenFiles() {}

  /**
   * Reads a file of cases.
   *
   * @param module a class of the module whose test resources hold our own copy
   * @param file name or path below the folder
   */
  public static JsonNode read(Class<?> module, String file) {
    try (InputStream in = open(module, file)) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(Class<?> module, String file) throws IOException {
    Optional<Path> given = given(file);
    if (given.isPresent()) {
      return Files.newInputStream(given.get());
    }
    InputStream resource = module.getResourceAsStream("/golden/" + file);
    if (resource == null) {
      throw new IOException("no test resource /golden/" + file + " beside " + module);
    }
    return resource;
  }

  /**
   * A file or folder of {@code golden.dir}, which may be absolute, or relative to the module or to
   * the checkout; empty when the property is not set or the folder lacks it.
   */
  public static Optional<Path> given(String file) {
    String folder = System.getProperty("golden.dir", "");
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    Path inModule = Path.of(folder).resolve(file);
    Path inCheckout = Path.of("..").resolve(folder).resolve(file); // tests run inside their module
    return Files.exists(inModule)
        ? Optional.of(inModule)
        : Optional.of(inCheckout).filter(Files::exists);
  }

  /**
   * Whether our own copy is played, so that a test may also say how many cases it has and which
   * special ones are among them.
   */
  public static boolean isOurs(String file) {
    return given(file).isEmpty();
  }
}
