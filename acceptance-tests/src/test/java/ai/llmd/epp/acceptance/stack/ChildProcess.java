package ai.llmd.epp.acceptance.stack;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A process with its log in a file; it and its children are gone after {@link #close}. */
final class ChildProcess implements AutoCloseable {

  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final int TAIL_LINES = 30;
  private static final Set<ChildProcess> ALIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(ChildProcess::kill)));
  }

  private final String name;
  private final Path log;
  private final Process process;

  private ChildProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  static ChildProcess start(String name, Path folder, List<String> command) {
    Path log = folder.resolve(name + ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      ChildProcess child = new ChildProcess(name, log, process);
      ALIVE.add(child);
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the condition holds; a process that ends before fails at once, with its log. */
  void awaitReady(BooleanSupplier isReady) {
    awaitReady(isReady, READY_WITHIN);
  }

  /** The same for what takes its time to start. */
  void awaitReady(BooleanSupplier isReady, Duration limit) {
    try {
      await()
          .atMost(limit)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                assertRuns();
                return isReady.getAsBoolean();
              });
    } catch (RuntimeException notReady) {
      throw new AssertionError(name + " is not ready after " + limit + tail(), notReady);
    }
  }

  /** Fails when it has ended, with the end of its log. */
  void assertRuns() {
    if (!process.isAlive()) {
      throw new AssertionError(name + " ended with status " + process.exitValue() + tail());
    }
  }

  /** Sends a signal, such as {@code STOP}, to the process and its children. */
  void signal(String signal) {
    List<String> command = new ArrayList<>(List.of("kill", "-s", signal));
    family().map(member -> Long.toString(member.pid())).forEach(command::add);
    try {
      new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException());
    }
  }

  /** Resident memory of the process and its children, in bytes, as Linux counts it. */
  long residentBytes() {
    return family().mapToLong(ChildProcess::residentBytes).sum();
  }

  private static long residentBytes(ProcessHandle member) {
    Path status = Path.of("/proc", Long.toString(member.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the process to end by itself. */
  void awaitEnd(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " is still there after " + limit + tail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException());
    }
  }

  /** The most memory that the process has had at once, in bytes. */
  long mostResidentBytes() {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The end of the log, for a failure's message. */
  String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
      return "\nthe end of " + log + ":\n  | " + String.join("\n  | ", last);
    } catch (IOException e) {
      return "\n" + log + " cannot be read: " + e.getMessage();
    }
  }

  /** Ends it without ceremony, as a crash would. */
  @Override
  public void close() {
    kill();
    awaitEnd(Duration.ofSeconds(10));
    ALIVE.remove(this);
  }

  private void kill() {
    family().toList().forEach(ProcessHandle::destroyForcibly);
  }

  private Stream<ProcessHandle> family() {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle()));
  }
}
