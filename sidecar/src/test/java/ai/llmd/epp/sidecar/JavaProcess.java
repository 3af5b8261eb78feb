package ai.llmd.epp.sidecar;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of the test's class path in a process of its own, which can be killed. */
public final class JavaProcess implements AutoCloseable {

  private static final int PATIENCE = 60; // seconds

  private final Process process;
  private final BufferedReader out;

  private JavaProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts one; what it writes to standard error is written to its standard output. */
  public static JavaProcess start(
      Map<String, String> environment, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      return new JavaProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line that it writes; waits for it. */
  public String line() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the program has ended");
    }
    return line;
  }

  /** What it writes until it ends. */
  public String rest() {
    return String.join("\n", out.lines().toList());
  }

  /** Asks it to end (SIGTERM). */
  public void terminate() {
    process.toHandle().destroy(); // the process's own would close what it writes to
  }

  /** Ends it at once (SIGKILL). */
  public void kill() {
    process.destroyForcibly();
  }

  /** Its exit code; waits for it. */
  public int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
      throw new AssertionError("the program does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
