package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Builds {@code examples/custom-scorer} with Maven, as a project that knows nothing of this
 * checkout.
 *
 * <p>A local repository of its own holds the distribution's {@code domain} jar, as {@code
 * install-file} would leave it. Everything else comes from the local repository of the main build,
 * which uses the same plugins in the same versions: it serves as a mirror of every remote one. So
 * nothing is downloaded and nothing is written to the user's folders. (Maven 3.9 could chain the
 * two repositories; older ones cannot.)
 */
@SuppressWarnings("InlineFormatString") // documents of several lines read better apart
final class ExampleBuild {

  private static final int PATIENCE_SECONDS = 300; // for a machine that is busy

  private static final String POM =
      """
      <project>
        <modelVersion>4.0.0</modelVersion>
        <groupId>ai.llmd</groupId>
        <artifactId>domain</artifactId>
        <version>%s</version>
      </project>
      """;

  private static final String SETTINGS =
      """
      <settings>
        <mirrors>
          <mirror><id>main-build</id><mirrorOf>*</mirrorOf><url>%s</url></mirror>
        </mirrors>
      </settings>
      """;

  private final Path checkout;
  private final Path folder;
  private final Path project;
  private final Path repository;

  /**
   * @param folder an empty one
   */
  ExampleBuild(Path checkout, Path folder) {
    this.checkout = checkout;
    this.folder = folder;
    this.project = folder.resolve("project");
    this.repository = folder.resolve("repository");
  }

  /**
   * The plugin's jar; a machine without Maven skips the test, or fails it where {@code CI=true}.
   */
  Path jar() throws IOException, InterruptedException {
    copyTree(checkout.resolve("examples/custom-scorer"), project);
    installDomain();
    runMaven();
    try (Stream<Path> built = Files.list(project.resolve("target"))) {
      return built.filter(file -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = from.relativize(file);
        if (!relative.startsWith("target")) {
          copy(file, to.resolve(relative));
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(Objects.requireNonNull(to.getParent()));
    Files.copy(from, to);
  }

  private void installDomain() throws IOException {
    Path lib = checkout.resolve("bootstrap/target/dist/lib");
    try (Stream<Path> jars = Files.list(lib)) {
      Path jar =
          jars.filter(file -> file.getFileName().toString().matches("domain-[0-9].*\\.jar"))
              .findFirst()
              .orElseThrow();
      String version = jar.getFileName().toString().replaceAll("^domain-|\\.jar$", "");
      Path home = repository.resolve("ai/llmd/domain").resolve(version);
      copy(jar, home.resolve(jar.getFileName()));
      Files.writeString(home.resolve("domain-" + version + ".pom"), POM.formatted(version));
    }
  }

  private void runMaven() throws IOException, InterruptedException {
    Path settings = folder.resolve("settings.xml");
    Files.writeString(settings, SETTINGS.formatted(mainRepository().toUri()));
    Path log = folder.resolve("maven.log");
    ProcessBuilder maven =
        new ProcessBuilder(
                "mvn",
                "--batch-mode",
                "--settings=" + settings,
                "--global-settings=" + settings,
                "-Dmaven.repo.local=" + repository,
                "package")
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    maven.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
    maven.environment().put("MAVEN_SKIP_RC", "true");
    maven.environment().put("MAVEN_OPTS", "-Duser.home=" + folder);
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process running = startOrSkip(maven);
    try {
      boolean hasEnded = running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(hasEnded).as("Maven ends; %s", Files.readString(log)).isTrue();
      assertThat(running.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      running.destroyForcibly();
    }
  }

  private static Process startOrSkip(ProcessBuilder maven) {
    try {
      return maven.start();
    } catch (IOException e) {
      String reason = "there is no mvn on the PATH: " + e.getMessage();
      return "true".equals(System.getenv("CI"))
          ? Assertions.fail(reason, e)
          : Assumptions.abort(reason);
    }
  }

  /** The build passes where its repository is; an IDE does not, and has the usual one. */
  private static Path mainRepository() {
    String configured = System.getProperty("localRepository");
    return configured == null
        ? Path.of(System.getProperty("user.home"), ".m2", "repository")
        : Path.of(configured);
  }
}
