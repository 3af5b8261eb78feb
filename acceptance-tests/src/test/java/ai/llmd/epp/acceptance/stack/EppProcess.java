package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.acceptance.inprocess.MetricsText;
import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The picker from the distribution, with a configuration of {@code deploy/epp}. */
public final class EppProcess implements AutoCloseable {

  /** The distribution of this checkout. */
  static final String DISTRIBUTION = "bootstrap/target/dist";

  /** Many are started, and none is measured cold. */
  private static final String NO_WARM_UP = "--warm-up-time=0s";

  private final ChildProcess process;
  private final Client metrics;
  private final @Nullable MemoryGroup container;

  private EppProcess(ChildProcess process, Client metrics, @Nullable MemoryGroup container) {
    this.process = process;
    this.metrics = metrics;
    this.container = container;
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
    return launch(Checkout.file(DISTRIBUTION), config, ports, tls, folder).awaitReady();
  }

  /**
   * Returns at once.
   *
   * @param distribution to be run
   * @param change of {@code deploy/epp/config.yaml}
   */
  static EppProcess launch(
      Path distribution,
      EppPorts ports,
      UnaryOperator<String> change,
      EndpointsFile endpoints,
      Path folder) {
    Path config =
        Checkout.fill(
            "epp/config.yaml",
            Map.of("ENDPOINTS_FILE", endpoints.path()),
            folder.resolve("epp.yaml"));
    try {
      Files.writeString(config, change.apply(Files.readString(config)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return launch(distribution, config, ports, false, folder);
  }

  /** With the plugins of the tests on its class path; returns when the picker is ready. */
  static EppProcess start(Path config, List<String> flags, EppPorts ports, Path folder) {
    return launch(withTestPlugins(), config, flags, ports, false, folder).awaitReady();
  }

  private static EppProcess launch(
      Path distribution, Path config, EppPorts ports, boolean tls, Path folder) {
    List<String> launcher = List.of(distribution.resolve("bin/epp").toString());
    List<String> flags = new ArrayList<>(List.of("--tracing=false"));
    if (distribution.equals(Stack.distribution())) { // an earlier version has no warm-up
      flags.add(NO_WARM_UP);
    }
    return launch(launcher, config, flags, ports, tls, folder);
  }

  private static EppProcess launch(
      List<String> program,
      Path config,
      List<String> flags,
      EppPorts ports,
      boolean tls,
      Path folder) {
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of(
            "--pool-name=e2e",
            "--config-file=" + config,
            "--secure-serving=" + tls,
            "--grpc-port=" + ports.extProc(),
            "--grpc-health-port=" + ports.health(),
            "--metrics-port=" + ports.metrics(),
            "--grpc-max-recv-msg-size=33Mi"));
    command.addAll(flags);
    return new EppProcess(
        ChildProcess.start("epp", folder, command), new Client(ports.metrics()), null);
  }

  /**
   * A picker in a container of so much memory: in a cgroup where one can be made, else it only
   * takes itself to be in one. Returns when it is ready.
   *
   * @param containerBytes what the JVM takes for the memory of the machine
   */
  public static EppProcess startInContainer(
      long containerBytes, EppPorts ports, EndpointsFile endpoints, Path folder) {
    Path config =
        Checkout.fill(
            "epp/config.yaml",
            Map.of("ENDPOINTS_FILE", endpoints.path()),
            folder.resolve("epp.yaml"));
    Optional<MemoryGroup> group = MemoryGroup.of(containerBytes);
    List<String> program = new ArrayList<>(java());
    if (group.isEmpty()) {
      program.add("-XX:MaxRAM=" + containerBytes);
    }
    program.addAll(main(""));
    List<String> contained = group.map(made -> made.running(program)).orElse(program);
    EppProcess started = launch(contained, config, List.of(), ports, false, folder);
    return new EppProcess(started.process, started.metrics, group.orElse(null)).awaitReady();
  }

  /** Whether the kernel holds it to the memory of a container. */
  public boolean isContained() {
    return container != null;
  }

  /** Kinds of plugins that no jar can bring: the distribution, and the classes of the tests. */
  private static List<String> withTestPlugins() {
    List<String> program = new ArrayList<>(java());
    program.addAll(main(":" + Checkout.file("acceptance-tests/target/test-classes")));
    return program;
  }

  private static List<String> java() {
    return List.of(
        ProcessHandle.current().info().command().orElseThrow(),
        "@" + Checkout.file(DISTRIBUTION).resolve("bin/jvm.args"));
  }

  private static List<String> main(String furtherClasses) {
    String libraries = Checkout.file(DISTRIBUTION).resolve("lib/*").toString();
    return List.of("-cp", libraries + furtherClasses, "ai.llmd.epp.bootstrap.Epp", NO_WARM_UP);
  }

  /** The most memory that it has had at once, in bytes. */
  public long mostResidentBytes() {
    return process.mostResidentBytes();
  }

  /** Fails when it has ended, with the end of its log. */
  public void assertRuns() {
    process.assertRuns();
  }

  public EppProcess awaitReady() {
    process.awaitReady(() -> metrics.isOk("/readyz"));
    return this;
  }

  /** Its metrics server: readiness, metrics, decisions. */
  public Client metrics() {
    return metrics;
  }

  /** Prefix blocks that it remembers, over all endpoints. */
  public long rememberedPrefixBlocks() {
    return metric("llm_d_epp_prefix_indexer_size");
  }

  /** Whether it keeps the record of a decision on the request with this id. */
  public boolean hasDecided(String requestId) {
    return metrics.isOk("/debug/decisions?request_id=" + requestId);
  }

  /** Memory that the operating system has given it, in bytes. */
  public long residentBytes() {
    return process.residentBytes();
  }

  /**
   * The sum over all samples of a metric with these labels and any others, rounded down.
   *
   * @param labels as in the text, such as {@code model_name="m"}
   */
  public long metric(String name, String... labels) {
    return (long) new MetricsText(metrics.get("/metrics").body()).sum(name, labels);
  }

  /** Waits until it knows the load of so many endpoints. */
  public void awaitEndpoints(int count) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> metric("llm_d_epp_ready_endpoints") == count);
  }

  /** Stops it in its tracks; connections stay open without an answer. */
  public void hang() {
    process.signal("STOP");
  }

  public void resume() {
    process.signal("CONT");
  }

  /** Asks it to end, as Kubernetes does. */
  public void terminate() {
    process.signal("TERM");
  }

  public void awaitEnd(Duration limit) {
    process.awaitEnd(limit);
  }

  /** Kills it. */
  @Override
  public void close() {
    process.close();
    if (container != null) {
      container.close();
    }
  }
}
