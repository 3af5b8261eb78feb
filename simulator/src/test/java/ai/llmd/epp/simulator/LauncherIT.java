package ai.llmd.epp.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The distribution that {@code mvn package} leaves, as a process. */
@Timeout(60)
class LauncherIT {

  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");
  private static final int TERMINATED = 128 + 15;

  private final List<Process> launched = new ArrayList<>();

  @Test
  void servesUntilItIsTerminated() throws Exception {
    Process process =
        launch(Map.of("EPP_JAVA_HOME", System.getProperty("java.home")), "--port=0", "--servers=2");
    List<URI> addresses = addressesIn(process.errorReader());

    assertThat(addresses).hasSize(2);
    try (Client client = new Client(addresses.getLast())) {
      assertThat(client.get("/health").statusCode()).isEqualTo(200);
    }
    process.destroy(); // SIGTERM reaches Java only when the script became it

    assertThat(process.waitFor(5, SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(TERMINATED);
  }

  @Test
  void endsWithTwoWhenAFlagIsUnknown() throws Exception {
    Process process = launch(Map.of("EPP_JAVA_HOME", System.getProperty("java.home")), "--bogus");

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(process.errorReader().readLine()).contains("--bogus");
  }

  @Test
  void reportsThatThereIsNoJavaWhereItShouldBe() throws Exception {
    Process process = launch(Map.of("EPP_JAVA_HOME", "/nowhere"));

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(process.errorReader().readLine())
        .isEqualTo("EPP_JAVA_HOME is /nowhere, and there is no Java 25 or newer.");
  }

  @AfterEach
  void end() {
    launched.forEach(Process::destroyForcibly);
  }

  private Process launch(Map<String, String> environment, String... flags) throws IOException {
    String script = Path.of("target/dist/bin/simulator").toAbsolutePath().toString();
    ProcessBuilder builder =
        new ProcessBuilder(Stream.concat(Stream.of(script), Stream.of(flags)).toList());
    builder.environment().putAll(environment);
    Process process = builder.start();
    launched.add(process);
    return process;
  }

  private static List<URI> addressesIn(BufferedReader log) throws IOException {
    String line = log.readLine();
    while (line != null && !line.contains("simulator ready")) {
      line = log.readLine();
    }
    assertThat(line).as("the line that reports that it is ready").isNotNull();
    return ADDRESS.matcher(line).results().map(found -> URI.create(found.group())).toList();
  }
}
