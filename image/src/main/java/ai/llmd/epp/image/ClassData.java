package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the program once until it serves, on free ports and with no endpoint, and stops it; the JVM
 * leaves what it loaded in an archive.
 */
final class ClassData {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private ClassData() {}

  static void record(JavaRuntime java, Application application, Path work)
      throws IOException, InterruptedException {
    Files.deleteIfExists(application.classDataFile());
    Path endpoints = Files.writeString(work.resolve("training-endpoints.yaml"), "endpoints: []\n");
    Path log = work.resolve("training.log");
    List<String> command = new ArrayList<>(List.of(java.java()));
    command.addAll(application.recordingArguments());
    command.addAll(
        List.of(
            "--pool-name=training",
            "--config-text=" + configuration(endpoints),
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0"));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      awaitServing(process, log);
      process.destroy();
      process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      process.destroyForcibly();
    }
    if (!Files.exists(application.classDataFile())) {
      throw new IOException("no class data were written:\n" + Files.readString(log));
    }
  }

  private static String configuration(Path endpoints) {
    return """
    plugins:
    - {type: file-discovery, parameters: {path: "%s", watchFile: true}}
    - type: queue-scorer
    - type: kv-cache-utilization-scorer
    - type: prefix-cache-scorer
    dataLayer: {discovery: {pluginRef: file-discovery}}
    """
        .formatted(endpoints);
  }

  private static void awaitServing(Process process, Path log)
      throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!Files.readString(log).contains("\"msg\":\"serving\"")) {
      if (process.waitFor(100, TimeUnit.MILLISECONDS) || Instant.now().isAfter(end)) {
        throw new IOException("the program did not start:\n" + Files.readString(log));
      }
    }
  }
}
