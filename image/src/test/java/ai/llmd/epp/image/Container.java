package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The image's entry point as a container runtime starts it: another root, which no process can
 * write to, the image's user, an environment of its own. All mounts are the process's own and end
 * with it.
 */
final class Container implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2); // for a machine that is busy

  private static final String SCRIPT =
      """
      set -e
      root=$1; user=$2; shift 2
      chroot=$(command -v chroot)
      mount --bind "$root" "$root"
      mount --bind /proc "$root/proc"
      for device in null random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
      mount -o remount,ro,bind "$root"
      exec env -u PATH -u PWD "$chroot" --userspec="$user" "$root" "$@"
      """;

  private final Process process;
  private final Path log;

  private Container(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Why this machine or this user cannot do it; empty when they can. */
  static String obstacle() throws IOException, InterruptedException {
    try {
      Command.run(List.of("unshare", "--mount", "chroot", "/", "true"));
      return "";
    } catch (IOException e) {
      return "needs root and mount namespaces: " + e.getMessage();
    }
  }

  /** Makes what is mounted over in a read-only root. */
  static void makeMountPoints(Path root) throws IOException {
    for (String folder : List.of("proc", "dev")) {
      Files.createDirectory(root.resolve(folder));
    }
    for (String device : List.of("null", "random", "urandom")) {
      Files.createFile(root.resolve("dev").resolve(device));
    }
  }

  /**
   * Starts it.
   *
   * @param environment all that it sees
   */
  static Container start(
      Path root, String user, Map<String, String> environment, List<String> command, Path log)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-c",
                SCRIPT,
                "sh",
                root.toString(),
                user));
    all.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().retainAll(Set.of("PATH")); // for the script
    builder.environment().putAll(environment);
    return new Container(builder.start(), log);
  }

  Container awaitServing() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(process.isAlive()).as(log()).isTrue();
              assertThat(log()).contains("\"msg\":\"serving\"");
            });
    return this;
  }

  /** A port by the name under which the log shows it. */
  int port(String name) throws IOException {
    Matcher port = Pattern.compile("\"" + name + "\":(\\d+)").matcher(log());
    assertThat(port.find()).isTrue();
    return Integer.parseInt(port.group(1));
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** Files that the process has mapped, as this machine names them. */
  List<String> mappedFiles() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/" + process.pid() + "/maps"))) {
      return maps.map(line -> line.split(" +", 6))
          .filter(fields -> fields.length == 6)
          .map(fields -> fields[5])
          .distinct()
          .toList();
    }
  }

  /** Waits until it ends by itself. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** Asks it to end, as Kubernetes does, and waits. */
  int stop() throws InterruptedException {
    process.destroy();
    return exitCode();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
