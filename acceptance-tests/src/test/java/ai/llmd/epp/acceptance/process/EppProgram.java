package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The distribution's start script, running; what it prints goes to files. */
final class EppProgram implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60); // for a machine that is busy

  private final Process process;
  private final Path out;
  private final Path err;

  private EppProgram(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  static EppProgram start(Path folder, String... flags) throws IOException {
    return start(folder, Map.of(), flags);
  }

  /**
   * Starts it with more in its environment.
   *
   * @param folder for what it prints; one for each program
   */
  static EppProgram start(Path folder, Map<String, String> environment, String... flags)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(script().toString()));
    command.addAll(List.of(flags));
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new EppProgram(builder.start(), out, err);
  }

  private static Path script() {
    return Checkout.file("bootstrap/target/dist/bin/epp");
  }

  /** Waits until it reports that it serves. */
  void awaitServing() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(process.isAlive()).as(err()).isTrue();
              assertThat(err()).contains("\"msg\":\"serving\"");
            });
  }

  /** A port by the name under which the log shows it. */
  int port(String name) throws IOException {
    Matcher port = Pattern.compile("\"" + name + "\":(\\d+)").matcher(err());
    assertThat(port.find()).isTrue();
    return Integer.parseInt(port.group(1));
  }

  /** Asks it to end, as Kubernetes does. */
  void terminate() {
    process.destroy();
  }

  /** Ends it as a machine ends that loses its power. */
  void kill() {
    process.destroyForcibly();
  }

  /** Waits for its end and returns its status. */
  int exitCode(Duration limit) throws InterruptedException, IOException {
    assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)).as(err()).isTrue();
    return process.exitValue();
  }

  int exitCode() throws InterruptedException, IOException {
    return exitCode(PATIENCE);
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
