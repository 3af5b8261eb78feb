package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Model servers, a picker and Envoy, started in this order and gone after {@link #close}. */
public final class Stack implements AutoCloseable {

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path folder;
  private final EppPorts eppPorts = EppPorts.free();
  private final boolean tls;
  private final EndpointsFile endpoints;
  private final List<SimulatorProcess> simulators = new ArrayList<>();
  private final List<Integer> otherServers = new ArrayList<>();
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private Stack(Path folder, boolean tls) {
    this.folder = folder;
    this.tls = tls;
    this.endpoints = new EndpointsFile(folder.resolve("endpoints.json"));
  }

  /** Nothing runs yet; the parts are started one by one. Skips the test where there is no Envoy. */
  public static Stack empty(String name, boolean tls) {
    EnvoyBinary.require();
    Path folder =
        Checkout.file("acceptance-tests/target/e2e").resolve(COUNT.incrementAndGet() + "-" + name);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Stack(folder, tls);
  }

  public SimulatorProcess startSimulator(int servers, String tokenEvery) {
    return list(SimulatorProcess.start(servers, tokenEvery, folder));
  }

  /**
   * Model servers with a prefix cache of their own.
   *
   * @param cachedBlocks what the prefix cache of each server holds, in blocks of 16 tokens
   */
  public SimulatorProcess startSimulator(int servers, String tokenEvery, int cachedBlocks) {
    return list(SimulatorProcess.start(servers, tokenEvery, cachedBlocks, folder));
  }

  /**
   * Model servers with further flags.
   *
   * @param flags of the simulator
   */
  public SimulatorProcess startSimulator(int servers, String tokenEvery, List<String> flags) {
    return list(SimulatorProcess.start(servers, tokenEvery, 65_536, flags, folder));
  }

  /**
   * A model server at an address of its own.
   *
   * @param host of this machine, such as {@code 127.0.0.2}
   * @param flags of the simulator
   */
  public SimulatorProcess startSimulatorAt(String host, String tokenEvery, List<String> flags) {
    return list(SimulatorProcess.start(host, 1, tokenEvery, 65_536, flags, folder));
  }

  /**
   * A sidecar before a model server.
   *
   * @param variables of its environment, such as {@code A=1}
   * @param flags further ones
   */
  public SidecarProcess startSidecar(int modelPort, List<String> variables, List<String> flags) {
    return keep(SidecarProcess.start(modelPort, variables, flags, folder));
  }

  /**
   * A real engine, which is listed; returns before it serves.
   *
   * @param publishing where its KV events go
   * @param replay port from which it sends them again
   */
  public VllmProcess startVllm(String publishing, int replay) {
    VllmProcess engine = VllmProcess.start(publishing, replay, folder);
    list(engine, engine.port());
    return engine;
  }

  /** A port on which nothing listens, and that is given to nothing else. */
  public int freePort() {
    return FreePorts.one();
  }

  private SimulatorProcess list(SimulatorProcess simulator) {
    simulators.add(keep(simulator));
    listAll();
    return simulator;
  }

  private void listAll() {
    Map<Integer, String> hosts = new LinkedHashMap<>();
    modelPorts().forEach(port -> hosts.put(port, SimulatorProcess.LOOPBACK));
    simulators.forEach(each -> each.ports().forEach(port -> hosts.put(port, each.host())));
    endpoints.listAt(hosts);
  }

  /** Also after the last one ended: on the same ports. */
  public EppProcess startEpp() {
    return startEpp("epp/config.yaml");
  }

  /** The picker in a container of so much memory. */
  public EppProcess startEppInContainer(long bytes) {
    return keep(EppProcess.startInContainer(bytes, eppPorts, endpoints, folder));
  }

  /**
   * The picker with another configuration.
   *
   * @param configuration below {@code deploy}
   */
  public EppProcess startEpp(String configuration) {
    return keep(EppProcess.start(configuration, eppPorts, tls, endpoints, folder));
  }

  /** A model server that runs already, and ends with the stack. */
  public void list(AutoCloseable server, int port) {
    keep(server);
    otherServers.add(port);
    listAll();
  }

  /**
   * A picker with the plugins of the tests.
   *
   * @param configuration with the placeholder of the endpoints' file
   * @param flags further ones
   */
  public EppProcess startEpp(String configuration, List<String> flags) {
    return keep(EppProcess.start(configured(configuration), flags, eppPorts, folder));
  }

  /** Gives the picker with the plugins of the tests another configuration. */
  public void configure(String configuration) {
    configured(configuration);
  }

  private Path configured(String configuration) {
    String text = configuration.replace("${ENDPOINTS_FILE}", endpoints.path().toString());
    try {
      return Files.writeString(folder.resolve("epp.yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Pickers that share through a store, which ends after them. */
  public Replicas startReplicas(int count, SharedStore store) {
    return startReplicas(count, store, shipped -> shipped);
  }

  /**
   * The same with another configuration.
   *
   * @param change makes it from the one that is shipped
   */
  public Replicas startReplicas(int count, SharedStore store, UnaryOperator<String> change) {
    keep(store);
    return keep(
        Replicas.start(
            distribution(),
            count,
            shipped -> change.apply(shipped) + store.configuration(),
            index -> endpoints,
            folder));
  }

  /**
   * Pickers of which the first reaches some endpoints through other ports than the others do.
   *
   * @param through that port by the endpoint's own
   */
  public Replicas startReplicas(int count, SharedStore store, Map<Integer, Integer> through) {
    keep(store);
    var first = new EndpointsFile(folder.resolve("endpoints-of-the-first.json"));
    first.listThrough(modelPorts(), through);
    return keep(
        Replicas.start(
            distribution(),
            count,
            shipped -> shipped + store.configuration(),
            index -> index == 0 ? first : endpoints,
            folder));
  }

  /** What this checkout has built. */
  public static Path distribution() {
    return Checkout.file(EppProcess.DISTRIBUTION);
  }

  /**
   * Starts replicas that send a request where its prefix is cached, whatever the load: what goes
   * elsewhere was decided without knowing. With the weights as shipped, one request more in a queue
   * may outweigh a cached prefix.
   */
  public Replicas startReplicasThatFollowPrefixes(int count, SharedStore store) {
    return startReplicasThatFollowPrefixes(distribution(), count, store);
  }

  /** The same from another distribution. */
  public Replicas startReplicasThatFollowPrefixes(Path distribution, int count, SharedStore store) {
    keep(store);
    return keep(
        Replicas.start(
            distribution,
            count,
            shipped -> withPrefixWeight(shipped) + store.configuration(),
            index -> endpoints,
            folder));
  }

  private static String withPrefixWeight(String shipped) {
    String changed =
        shipped.replaceFirst("(pluginRef: prefix-cache-scorer\\s+weight:) 3", "$1 100");
    if (changed.equals(shipped)) {
      throw new IllegalStateException("no weight of prefix-cache-scorer in:\n" + shipped);
    }
    return changed;
  }

  /** In front of all these pickers. */
  public EnvoyProcess startEnvoy(EnvoyMode mode, Replicas replicas) {
    return keep(EnvoyProcess.start(mode, replicas.ports(), tls, modelPorts(), folder));
  }

  public EnvoyProcess startEnvoy(EnvoyMode mode) {
    return keep(EnvoyProcess.start(mode, eppPorts, tls, modelPorts(), folder));
  }

  /** In front of model servers that the test runs itself. */
  public EnvoyProcess startEnvoy(EnvoyMode mode, List<Integer> modelPorts) {
    return keep(EnvoyProcess.start(mode, eppPorts, tls, modelPorts, folder));
  }

  /** Where its parts keep their logs. */
  public Path folder() {
    return folder;
  }

  /** The picker's port for gateways. */
  public int extProcPort() {
    return eppPorts.extProc();
  }

  /** The picker's port for questions about its health. */
  public int healthPort() {
    return eppPorts.health();
  }

  /** The endpoints in the picker's file. */
  public EndpointsFile endpoints() {
    return endpoints;
  }

  public List<Integer> modelPorts() {
    return Stream.concat(
            simulators.stream().flatMap(simulator -> simulator.ports().stream()),
            otherServers.stream())
        .toList();
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }

  @Override
  public void close() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
  }
}
