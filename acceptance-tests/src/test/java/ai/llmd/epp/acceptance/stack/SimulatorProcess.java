package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.bootstrap.Checkout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Simulated model servers on neighbouring ports, in one process. */
public final class SimulatorProcess implements AutoCloseable {

  /** The model they serve. */
  public static final String MODEL = "simulated";

  /** Where they listen, unless they are to listen elsewhere. */
  static final String LOOPBACK = "127.0.0.1";

  private final String host;
  private final List<Integer> ports;
  private final Path folder;
  private final List<String> command;
  private ChildProcess process; // the present one; one thread

  private SimulatorProcess(String host, List<Integer> ports, Path folder, List<String> command) {
    this.host = host;
    this.ports = ports;
    this.folder = folder;
    this.command = command;
    this.process = start();
  }

  /**
   * Returns when all of them serve.
   *
   * @param tokenEvery time between two tokens of an answer, such as {@code 20ms}
   */
  static SimulatorProcess start(int servers, String tokenEvery, Path folder) {
    return start(servers, tokenEvery, 65_536, folder);
  }

  /**
   * Returns when all of them serve.
   *
   * @param cachedBlocks what the prefix cache of each holds, in blocks of 16 tokens
   */
  static SimulatorProcess start(int servers, String tokenEvery, int cachedBlocks, Path folder) {
    return start(servers, tokenEvery, cachedBlocks, List.of(), folder);
  }

  /**
   * Returns when all of them serve.
   *
   * @param flags further ones
   */
  static SimulatorProcess start(
      int servers, String tokenEvery, int cachedBlocks, List<String> flags, Path folder) {
    return start(LOOPBACK, servers, tokenEvery, cachedBlocks, flags, folder);
  }

  /**
   * Returns when all of them serve.
   *
   * @param host address of this machine that they listen at
   */
  static SimulatorProcess start(
      String host,
      int servers,
      String tokenEvery,
      int cachedBlocks,
      List<String> flags,
      Path folder) {
    int first = FreePorts.consecutive(servers);
    List<String> command =
        new ArrayList<>(
            List.of(
                Checkout.script("simulator/target/dist/bin/simulator"),
                "--host",
                host,
                "--port",
                Integer.toString(first),
                "--servers",
                Integer.toString(servers),
                "--model",
                MODEL,
                "--max-num-seqs",
                "64",
                "--max-model-len",
                "4000000",
                "--inter-token-latency",
                tokenEvery,
                "--max-loras",
                "4",
                "--lora-modules",
                "tides",
                "harbours",
                "--kv-cache-size",
                Integer.toString(cachedBlocks),
                "--echo-request-headers",
                "x-prefiller-host-port,x-encoder-hosts-ports"));
    command.addAll(flags);
    List<Integer> ports = IntStream.range(first, first + servers).boxed().toList();
    return new SimulatorProcess(host, ports, folder, command);
  }

  private ChildProcess start() {
    ChildProcess started =
        ChildProcess.start("simulator-" + ports.getFirst(), folder, List.copyOf(command));
    List<Client> clients = ports.stream().map(port -> new Client(host, port)).toList();
    started.awaitReady(() -> clients.stream().allMatch(client -> client.isOk("/health")));
    return started;
  }

  /** Kills all of them, as a crash would. */
  public void kill() {
    process.close();
  }

  /** Starts them again where they were, with nothing of what they knew; returns when they serve. */
  public void startAgain() {
    process = start();
  }

  /** The address that they listen at. */
  public String host() {
    return host;
  }

  public List<Integer> ports() {
    return ports;
  }

  /**
   * A number of a server's {@code /admin/stats}.
   *
   * @param server its place among those of the process
   * @param pointer a JSON pointer
   */
  public long stat(int server, String pointer) {
    return client(server).get("/admin/stats").json().at(pointer).asLong();
  }

  /**
   * Talks to a server, past the picker.
   *
   * @param server its place among those of the process
   */
  public Client client(int server) {
    return new Client(host, ports.get(server));
  }

  /** Stops all of them in their tracks; connections stay open without an answer. */
  public void hang() {
    process.signal("STOP");
  }

  public void resume() {
    process.signal("CONT");
  }

  @Override
  public void close() {
    process.close();
  }
}
