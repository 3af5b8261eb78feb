package ai.llmd.epp.acceptance.livepage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium with one tab. */
final class Chromium implements AutoCloseable {

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String LISTENING = "DevTools listening on ";

  private final Process process;
  private final Path profile;
  private final HttpClient http = HttpClient.newHttpClient();

  private Chromium(Process process, Path profile) {
    this.process = process;
    this.profile = profile;
  }

  /** Starts one; without one on the PATH the test is skipped with that reason. */
  static Chromium start() throws IOException {
    Optional<Path> binary = onPath();
    Assumptions.assumeTrue(
        binary.isPresent(), "no Chromium on the PATH (Debian: apt-get install chromium)");
    Path profile = Files.createTempDirectory("chromium");
    Process process =
        new ProcessBuilder(
                binary.orElseThrow().toString(),
                "--headless=new",
                "--no-sandbox", // containers run tests as root
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-proxy-server",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new Chromium(process, profile);
  }

  private static Optional<Path> onPath() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Its tab, as soon as it can be talked to. */
  Tab tab() throws IOException, InterruptedException {
    int port = URI.create(listeningAt()).getPort();
    URI list = URI.create("http://127.0.0.1:" + port + "/json");
    String text = http.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString()).body();
    for (JsonNode target : JsonMapper.shared().readTree(text)) {
      if (target.at("/type").asString().equals("page")) {
        return Tab.open(http, URI.create(target.at("/webSocketDebuggerUrl").asString()));
      }
    }
    throw new IOException("Chromium has no tab: " + text);
  }

  private String listeningAt() throws IOException {
    BufferedReader errors =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    StringBuilder printed = new StringBuilder();
    for (String line = errors.readLine(); line != null; line = errors.readLine()) {
      if (line.startsWith(LISTENING)) {
        Thread.ofVirtual().start(() -> drain(errors)); // a full pipe would stop it
        return line.substring(LISTENING.length());
      }
      printed.append(line).append('\n');
    }
    throw new IOException("Chromium ended: " + printed);
  }

  private static void drain(BufferedReader errors) {
    try {
      while (errors.readLine() != null) {
        // complaints about a missing desktop
      }
    } catch (IOException e) {
      // it has ended
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    await() // a process that is dying may still write
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(isDeleted()).isTrue());
  }

  private boolean isDeleted() {
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // seen in the next line
    }
    return Files.notExists(profile);
  }
}
