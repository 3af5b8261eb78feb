package ai.llmd.epp.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.simulator.http.ServerGroup;
import ai.llmd.epp.simulator.kvevents.KvEvents;
import ai.llmd.epp.simulator.settings.ModelServerSettings;
import ai.llmd.epp.simulator.settings.TunableFlags;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Simulated model servers that run, in a process of their own or within another program.
 *
 * <pre>{@code
 * try (Simulator simulator = Simulator.start("--port", "0", "--servers", "3", "--mode", "echo")) {
 *   URI first = simulator.uris().getFirst();
 * }
 * }</pre>
 */
public final class Simulator implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Simulator.class);
  private static final int CANNOT_START = 1;
  private static final int WRONG_USAGE = 2;

  private final String host;
  private final ServerGroup servers;

  private Simulator(String host, ServerGroup servers) {
    this.host = host;
    this.servers = servers;
  }

  /**
   * Starts servers; they accept requests when this returns.
   *
   * @param arguments as on the command line
   * @throws IllegalArgumentException when a flag is unknown or its value wrong
   * @throws IOException when a port cannot be had
   */
  public static Simulator start(String... arguments) throws IOException {
    SimulatorFlags flags = new SimulatorFlags();
    CommandLine parser = parser(flags);
    try {
      return start(flags, parser.parseArgs(arguments));
    } catch (ParameterException wrong) {
      throw new IllegalArgumentException(wrong.getMessage(), wrong);
    }
  }

  /** The ports, in the order of the servers. */
  public List<Integer> ports() {
    return servers.ports();
  }

  /** The addresses, in the order of the servers, without a path. */
  public List<URI> uris() {
    String authority = host.contains(":") ? "[" + host + "]" : host;
    return ports().stream().map(port -> URI.create("http://" + authority + ":" + port)).toList();
  }

  /** Where events of prefix caches are published, in the order of the servers; empty if nowhere. */
  public List<String> eventAddresses() {
    return servers.kvEvents().stream().map(KvEvents::address).toList();
  }

  /** Where those that were missed are asked for; each empty if nowhere. */
  public List<String> replayAddresses() {
    return servers.kvEvents().stream().map(KvEvents::replayAddress).toList();
  }

  /** Closes all ports and connections; requests under way get no answer. */
  @Override
  public void close() {
    servers.close();
  }

  /** Runs servers until the process is terminated. */
  public static void main(String[] arguments) throws InterruptedException {
    int exitCode =
        run(
            arguments,
            new PrintWriter(System.out, true, UTF_8),
            new PrintWriter(System.err, true, UTF_8));
    if (exitCode >= 0) {
      System.exit(exitCode);
    }
    new CountDownLatch(1).await(); // a signal ends the process
  }

  /** Starts servers, or prints why not; returns the exit code, or -1 when they run. */
  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    SimulatorFlags flags = new SimulatorFlags();
    CommandLine parser = parser(flags);
    try {
      CommandLine.ParseResult parsed = parser.parseArgs(arguments);
      if (parser.isUsageHelpRequested()) {
        parser.usage(out);
        return 0;
      }
      Simulator simulator = start(flags, parsed);
      Runtime.getRuntime().addShutdownHook(new Thread(simulator::close, "stop"));
      log.atInfo().addKeyValue("addresses", simulator.uris()).log("simulator ready");
      return -1;
    } catch (ParameterException | IllegalArgumentException wrong) {
      err.println("simulator: " + wrong.getMessage());
      err.println("Try --help.");
      return WRONG_USAGE;
    } catch (IOException failed) {
      err.println("simulator: " + failed.getMessage());
      return CANNOT_START;
    }
  }

  private static CommandLine parser(SimulatorFlags flags) {
    return TunableFlags.withTypes(new CommandLine(flags));
  }

  private static Simulator start(SimulatorFlags flags, CommandLine.ParseResult parsed)
      throws IOException {
    ModelServerSettings settings = flags.settings(TunableFlags.tuning(parsed), System.getenv());
    return new Simulator(
        flags.host, ServerGroup.start(flags.host, flags.port, flags.servers, settings));
  }
}
