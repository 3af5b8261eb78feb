package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.bootstrap.Checkout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The sidecar from the distribution, before one model server. */
public final class SidecarProcess implements AutoCloseable {

  private final ChildProcess process;
  private final int port;
  private final Client metrics;

  private SidecarProcess(ChildProcess process, int port, Client metrics) {
    this.process = process;
    this.port = port;
    this.metrics = metrics;
  }

  /** Returns when it answers. */
  static SidecarProcess start(
      int modelPort, List<String> variables, List<String> flags, Path folder) {
    int port = FreePorts.one();
    int metricsPort = FreePorts.one();
    List<String> command = new ArrayList<>(List.of("/usr/bin/env"));
    command.addAll(variables);
    command.addAll(
        List.of(
            Checkout.script("sidecar/target/dist/bin/pd-sidecar"),
            "--port=" + port,
            "--model-server-port=" + modelPort,
            "--metrics-port=" + metricsPort,
            "--secure-proxy=false"));
    command.addAll(flags);
    ChildProcess process = ChildProcess.start("sidecar-" + port, folder, command);
    Client client = new Client(port);
    process.awaitReady(() -> client.isOk("/health"));
    return new SidecarProcess(process, port, new Client(metricsPort));
  }

  /** For clients. */
  public int port() {
    return port;
  }

  /** The line of a sample; empty when it is not there. */
  public String metric(String nameAndLabels) {
    return metrics
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(nameAndLabels + " "))
        .map(line -> line.substring(nameAndLabels.length() + 1))
        .findFirst()
        .orElse("");
  }

  /** Asks it to end, as Kubernetes does. */
  public void terminate() {
    process.signal("TERM");
  }

  /** Kills it. */
  @Override
  public void close() {
    process.close();
  }
}
