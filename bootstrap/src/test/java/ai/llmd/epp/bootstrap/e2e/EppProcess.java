package ai.llmd.epp.bootstrap.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The picker from the distribution, with a configuration of {@code deploy/epp}. */
final class EppProcess implements AutoCloseable {

  private final ChildProcess process;
  private final Client metrics;

  private EppProcess(ChildProcess process, Client metrics) {
    this.process = process;
    this.metrics = metrics;
  }

  /**
   * Returns when the picker is ready.
   *
   * @param configuration below {@code deploy}
   */
  static EppProcess start(
      String configuration, EppPorts ports, boolean tls, EndpointsFile endpoints, Path folder) {
    Path config =
        Checkout.fill(
            configuration, Map.of("ENDPOINTS_FILE", endpoints.path()), folder.resolve("epp.yaml"));
    ChildProcess process =
        ChildProcess.start(
            "epp",
            folder,
            List.of(
                Checkout.script("bootstrap/target/dist/bin/epp"),
                "--pool-name=e2e",
                "--config-file=" + config,
                "--secure-serving=" + tls,
                "--grpc-port=" + ports.extProc(),
                "--grpc-health-port=" + ports.health(),
                "--metrics-port=" + ports.metrics(),
                "--grpc-max-recv-msg-size=33Mi",
                "--tracing=false"));
    EppProcess epp = new EppProcess(process, new Client(ports.metrics()));
    process.awaitReady(() -> epp.metrics.isOk("/readyz"));
    return epp;
  }

  /** Its metrics server: readiness, metrics, decisions. */
  Client metrics() {
    return metrics;
  }

  /** Prefix blocks that it remembers, over all endpoints. */
  long rememberedPrefixBlocks() {
    return metrics
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("llm_d_epp_prefix_indexer_size{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Stops it in its tracks; connections stay open and nobody answers. */
  void hang() {
    process.signal("STOP");
  }

  void resume() {
    process.signal("CONT");
  }

  /** Asks it to end, as Kubernetes does. */
  void terminate() {
    process.signal("TERM");
  }

  void awaitEnd(Duration limit) {
    process.awaitEnd(limit);
  }

  /** Kills it. */
  @Override
  public void close() {
    process.close();
  }
}
