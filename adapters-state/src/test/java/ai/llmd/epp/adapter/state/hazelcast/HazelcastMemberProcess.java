package ai.llmd.epp.adapter.state.hazelcast;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A replica in a process of its own, which appends one batch and then keeps to itself. */
final class HazelcastMemberProcess implements AutoCloseable {

  private static final long RETRY_NANOS = 50_000_000;

  private final Process process;
  private final BufferedReader output;

  private HazelcastMemberProcess(Process process) {
    this.process = process;
    this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  static HazelcastMemberProcess start(List<String> members, String pool) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(HazelcastMemberProcess.class.getName(), pool));
    command.addAll(members);
    return new HazelcastMemberProcess(
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
            .start());
  }

  /** Waits until its batch is in the log. */
  void awaitAppended() throws IOException {
    String line = output.readLine();
    while (!"appended".equals(line)) {
      if (line == null) {
        throw new IOException("the process ended");
      }
      line = output.readLine();
    }
  }

  /** As {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    kill();
  }

  /** The process: pool, then members. */
  public static void main(String[] arguments) throws IOException {
    List<String> members = List.of(arguments).subList(1, arguments.length);
    try (ReplicationLog log =
        new HazelcastReplicationLog(
            HazelcastSettings.of(members), "ns", arguments[0], Duration.ofSeconds(60))) {
      while (!isAppended(log)) {
        LockSupport.parkNanos(RETRY_NANOS);
      }
      System.out.println("appended");
      while (System.in.read() >= 0) {
        // until whoever started this is gone
      }
    }
  }

  private static boolean isAppended(ReplicationLog log) {
    try {
      log.append(List.of("theirs".getBytes(UTF_8)));
      return true;
    } catch (StoreException e) {
      return false;
    }
  }
}
