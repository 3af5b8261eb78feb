package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Which release of which operating system a machine has.
 *
 * @param id such as {@code debian}, and that when it is unknown
 * @param version such as {@code 12}; empty when unknown, and for those without releases
 */
record SystemRelease(String id, String version) {

  /** What {@code etc/os-release} below a root declares. */
  static SystemRelease read(Path root) throws IOException {
    Path file = root.resolve("etc/os-release");
    Map<String, String> values = new HashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          values.put(line.substring(0, equals), unquoted(line.substring(equals + 1).strip()));
        }
      }
    }
    return new SystemRelease(
        values.getOrDefault("ID", "debian"), values.getOrDefault("VERSION_ID", ""));
  }

  private static String unquoted(String value) {
    return value.replaceAll("^([\"'])(.*)\\1$", "$2");
  }
}
