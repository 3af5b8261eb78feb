package ai.llmd.epp.adapter.state.hazelcast;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A replica in a process of its own, which appends one batch and then keeps to itself until it is
 * given what to append.
 */
final class HazelcastMemberProcess implements AutoCloseable {

  private static final long RETRY_NANOS = 50_000_000;
  private static final int ALL = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Process process;
  private final BufferedReader output;
  private final Writer input;

  private HazelcastMemberProcess(Process process) {
    this.process = process;
    this.output = reader(process.getInputStream());
    this.input = process.outputWriter(UTF_8);
  }

  private static BufferedReader reader(InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, UTF_8));
  }

  static HazelcastMemberProcess start(List<String> members, String pool) throws IOException {
    return start(List.of(), HazelcastSettings.of(members), pool);
  }

  /**
   * @param jvm options of the process
   * @param settings with all but defaults for the name of the cluster and the bounds
   */
  static HazelcastMemberProcess start(List<String> jvm, HazelcastSettings settings, String pool)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(HazelcastMemberProcess.class.getName(), pool));
    command.add(settings.serviceDns());
    command.add(Integer.toString(settings.port()));
    command.add(Boolean.toString(settings.clientMode()));
    command.add(Boolean.toString(settings.acceptsClients()));
    command.addAll(settings.members());
    return new HazelcastMemberProcess(
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
            .start());
  }

  /** Waits until its batch is in the log. */
  void awaitAppended() throws IOException {
    String line = line();
    while (!"appended".equals(line)) {
      line = line();
    }
  }

  private String line() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the process ended");
    }
    return line;
  }

  /** Has it append one more batch; what it then finds in the log. Nothing when a call fails. */
  List<String> append(String text) throws IOException {
    input.write(text + '\n');
    input.flush();
    return List.of(line().split(",", -1));
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

  /**
   * The process: pool, service, port, whether it is a client, whether it accepts some, then
   * members.
   */
  public static void main(String[] arguments) throws IOException {
    List<String> members = List.of(arguments).subList(5, arguments.length);
    var settings =
        new HazelcastSettings(
            members,
            arguments[1],
            Integer.parseInt(arguments[2]),
            Boolean.parseBoolean(arguments[3]),
            Boolean.parseBoolean(arguments[4]),
            "",
            "",
            HazelcastSettings.DEFAULT_TIMEOUT,
            HazelcastSettings.DEFAULT_MAX_ENTRIES);
    try (ReplicationLog log =
        new HazelcastReplicationLog(settings, "ns", arguments[0], Duration.ofSeconds(60))) {
      long begun = System.nanoTime();
      while (appended(log, "theirs").isEmpty()) {
        if (System.nanoTime() - begun > PATIENCE.toNanos()) {
          return; // which whoever waits for it sees
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
      System.out.println("appended");
      BufferedReader input = reader(System.in);
      // until whoever started this is gone
      for (String text = input.readLine(); text != null; text = input.readLine()) {
        System.out.println(appended(log, text));
      }
    }
  }

  /** All that is in the log then; empty when a call failed. */
  private static String appended(ReplicationLog log, String text) {
    try {
      log.append(List.of(text.getBytes(UTF_8)));
      return log.read(Position.START, ALL, Duration.ZERO).entries().stream()
          .map(Entry::batch)
          .map(batch -> new String(batch, UTF_8))
          .collect(Collectors.joining(","));
    } catch (StoreException e) {
      return "";
    }
  }
}
