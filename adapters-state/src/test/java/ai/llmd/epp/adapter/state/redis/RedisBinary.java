package ai.llmd.epp.adapter.state.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
        found = installed != null ? installed : unpacked();
        requireRunning(found);
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

  private static Path unpacked() throws IOException {
    boolean isArm = System.getProperty("os.arch").equals("aarch64");
    boolean isMac = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");
    String name =
        isMac
            ? "redis-server-6.2.6-v5-darwin-" + (isArm ? "arm64" : "amd64")
            : isArm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
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

  private static void requireRunning(Path binary) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(binary.toString(), "--version").redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(binary + " does not run here: " + output);
    }
  }
}
