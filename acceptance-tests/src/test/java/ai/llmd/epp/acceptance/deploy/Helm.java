package ai.llmd.epp.acceptance.deploy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The real Helm: below {@code .tools/}, on the PATH, or else built there by Go, of a fixed version.
 */
final class Helm {

  static final Path CHARTS = Manifests.DEPLOY.resolve("helm");

  private static final String VERSION = "v3.19.5";
  private static final Path TOOLS =
      Manifests.DEPLOY.resolveSibling(".tools").resolve("helm-" + VERSION);
  private static final Path BUILT = TOOLS.resolve("helm");
  private static final int BUILD_MINUTES = 20;

  private static @Nullable Helm found; // guarded by the class

  private final String path;
  private final String reason;

  private Helm(String path, String reason) {
    this.path = path;
    this.reason = reason;
  }

  /** What Helm printed. */
  record Result(int status, String out, String err) {}

  /** Without one the test is skipped with the reason. */
  static Helm require() {
    Helm helm = find();
    if (helm.path.isEmpty()) {
      Assumptions.abort(helm.reason);
    }
    return helm;
  }

  private static synchronized Helm find() {
    if (found == null) {
      found = search();
    }
    return found;
  }

  private static Helm search() {
    if (Files.isExecutable(BUILT)) {
      return new Helm(BUILT.toString(), "");
    }
    Optional<Path> onPath = onPath("helm");
    if (onPath.isPresent()) {
      return new Helm(onPath.get().toString(), "");
    }
    Optional<Path> go = onPath("go");
    return go.isPresent()
        ? built(go.get())
        : new Helm("", "neither helm nor go is on the PATH, so that no chart can be rendered");
  }

  private static Optional<Path> onPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Helm built(Path go) {
    try {
      Path log = Files.createTempFile("helm-build", ".log");
      ProcessBuilder build =
          new ProcessBuilder(go.toString(), "install", "helm.sh/helm/v3/cmd/helm@" + VERSION)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      build.environment().put("GOBIN", TOOLS.toString());
      Process process = build.start();
      if (!process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return new Helm("", "Helm was not built in " + BUILD_MINUTES + " minutes");
      }
      String reason = "Helm cannot be built: " + Files.readString(log).strip();
      Files.delete(log);
      return process.exitValue() == 0 ? new Helm(BUILT.toString(), "") : new Helm("", reason);
    } catch (IOException e) {
      return new Helm("", "Helm cannot be built: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Helm("", "interrupted while Helm was built");
    }
  }

  /** Renders a chart of ours as release {@code llm} in namespace {@code serving}. */
  Result template(String chart, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(path, "template", "llm", CHARTS.resolve(chart).toString()));
    command.addAll(List.of("--namespace", "serving", "--kube-version", "1.34.0"));
    command.addAll(List.of(more));
    Path out = Files.createTempFile("helm", ".yaml");
    Path err = Files.createTempFile("helm", ".err");
    try {
      int status =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start()
              .waitFor();
      return new Result(status, Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
