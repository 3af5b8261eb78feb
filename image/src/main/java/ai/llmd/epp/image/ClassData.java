package ai.llmd.epp.image;

import java.io.IOException;
import java.net.ServerSocket;
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
    Files.writeString(work.resolve("training-endpoints.yaml"), "endpoints: []\n");
    Path log = work.resolve("training.log");
    List<String> command = new ArrayList<>(List.of(java.java()));
    command.addAll(application.recordingArguments());
    command.addAll(application.program().trainingArguments(work, freePort()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      awaitServing(process, log, application.program().isReady());
      process.destroy();
      process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      process.destroyForcibly();
    }
    if (!Files.exists(application.classDataFile())) {
      throw new IOException("no class data were written:\n" + Files.readString(log));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }

  private static void awaitServing(Process process, Path log, String isReady)
      throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!Files.readString(log).contains(isReady)) {
      if (process.waitFor(100, TimeUnit.MILLISECONDS) || Instant.now().isAfter(end)) {
        throw new IOException("the program did not start:\n" + Files.readString(log));
      }
    }
  }
}
