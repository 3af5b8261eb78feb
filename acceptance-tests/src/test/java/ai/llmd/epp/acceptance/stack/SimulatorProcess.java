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

  private final ChildProcess process;
  private final List<Integer> ports;

  private SimulatorProcess(ChildProcess process, List<Integer> ports) {
    this.process = process;
    this.ports = ports;
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
    int first = FreePorts.consecutive(servers);
    List<String> command =
        new ArrayList<>(
            List.of(
                Checkout.script("simulator/target/dist/bin/simulator"),
                "--host",
                "127.0.0.1",
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
    ChildProcess process = ChildProcess.start("simulator-" + first, folder, command);
    List<Integer> ports = IntStream.range(first, first + servers).boxed().toList();
    List<Client> clients = ports.stream().map(Client::new).toList();
    process.awaitReady(() -> clients.stream().allMatch(client -> client.isOk("/health")));
    return new SimulatorProcess(process, ports);
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
    return new Client(ports.get(server)).get("/admin/stats").json().at(pointer).asLong();
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
