package ai.llmd.epp.adapter.state.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@code redis-server} to run: the one on the PATH, else one that a test dependency carries for
 * Linux and macOS.
 */
final class RedisBinary {

  private static final Object LOCK = new Object();

  private static @Nullable Path found; // guarded by LOCK

  private RedisBinary() {}

  /** Its path; looked for once per JVM. */
  static Path path() throws IOException, InterruptedException {
    synchronized (LOCK) {
      if (found == null) {
        Path installed = onPath();
        found = installed != null && runs(installed) ? installed : unpacked();
      }
      return found;
    }
  }

  private static @Nullable Path onPath() {
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder, "redis-server");
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static Path unpacked() throws IOException, InterruptedException {
    for (String name : carried()) {
      Path binary = unpacked(name);
      if (runs(binary)) {
        return binary;
      }
    }
    throw new IOException(
        "neither a redis-server on the PATH nor any of " + carried() + " runs here");
  }

  /** The second one for Linux brings its libraries along. */
  private static List<String> carried() {
    boolean isArm = System.getProperty("os.arch").equals("aarch64");
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")) {
      return List.of("redis-server-6.2.6-v5-darwin-" + (isArm ? "arm64" : "amd64"));
    }
    return isArm
        ? List.of("redis-server-6.2.7-linux-arm64")
        : List.of("redis-server-6.2.6-v5-linux-amd64", "redis-server-6.2.7-linux-386");
  }

  private static Path unpacked(String name) throws IOException {
    Path binary = Files.createTempFile("redis-server", "");
    binary.toFile().deleteOnExit();
    try (InputStream content = RedisBinary.class.getResourceAsStream("/" + name)) {
      if (content == null) {
        throw new IOException("there is no " + name + " in the test dependencies");
      }
      Files.write(binary, content.readAllBytes());
    }
    if (!binary.toFile().setExecutable(true)) {
      throw new IOException(binary + " cannot be made executable");
    }
    return binary;
  }

  private static boolean runs(Path binary) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(binary.toString(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // made for another machine
    }
  }
}
