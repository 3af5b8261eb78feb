package ai.llmd.epp.acceptance.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Several pickers of one pool, each on ports that it keeps, which share through one store. */
public final class Replicas implements AutoCloseable {

  private static final Duration DRAINED_WITHIN = Duration.ofSeconds(40);
  private static final String PEERS = "llm_d_epp_state_replicas";

  private final UnaryOperator<String> configuration;
  private final IntFunction<EndpointsFile> endpoints;
  private final Path folder;
  private final List<EppPorts> ports;
  private final List<EppProcess> running = new ArrayList<>();
  private Path distribution;

  private Replicas(
      Path distribution,
      int count,
      UnaryOperator<String> configuration,
      IntFunction<EndpointsFile> endpoints,
      Path folder) {
    this.distribution = distribution;
    this.configuration = configuration;
    this.endpoints = endpoints;
    this.folder = folder;
    this.ports = Stream.generate(EppPorts::free).limit(count).toList();
  }

  /**
   * Starts all of them side by side; returns when they share.
   *
   * @param endpoints where each finds its endpoints, by its place
   */
  static Replicas start(
      Path distribution,
      int count,
      UnaryOperator<String> configuration,
      IntFunction<EndpointsFile> endpoints,
      Path folder) {
    var replicas = new Replicas(distribution, count, configuration, endpoints, folder);
    for (int index = 0; index < count; index++) {
      replicas.running.add(replicas.launched(index));
    }
    replicas.running.forEach(EppProcess::awaitReady);
    return replicas;
  }

  private EppProcess launched(int index) {
    Path own = folder.resolve("replica-" + index);
    try {
      Files.createDirectories(own);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return EppProcess.launch(
        distribution, ports.get(index), configuration, endpoints.apply(index), own);
  }

  List<EppPorts> ports() {
    return ports;
  }

  public int count() {
    return ports.size();
  }

  /** Ends one without ceremony. */
  public void kill(int index) {
    running.get(index).close();
  }

  /** Stops one in its tracks: its connections stay open without an answer. */
  public void hold(int index) {
    running.get(index).hang();
  }

  /** Lets it go on after a {@link #hold}. */
  public void resume(int index) {
    running.get(index).resume();
  }

  /** Asks one to end, and waits until it has. */
  public void drain(int index) {
    running.get(index).terminate();
    running.get(index).awaitEnd(DRAINED_WITHIN);
  }

  /** Those that start from now on are of another distribution. */
  public void startFrom(Path other) {
    distribution = other;
  }

  /** Starts one that has ended; returns when it is ready. */
  public void restart(int index) {
    EppProcess fresh = launched(index);
    running.set(index, fresh);
    fresh.awaitReady();
  }

  /** Whether each reports that it shares, and knows of all others. */
  public boolean areSharing() {
    return running.stream().allMatch(this::isSharing);
  }

  private boolean isSharing(EppProcess epp) {
    return epp.metrics().get("/readyz").body().contains("state store: sharing")
        && epp.metric(PEERS) == count() - 1;
  }

  /** Those that decided a request, by their place. */
  public List<Integer> deciders(String requestId) {
    return IntStream.range(0, count())
        .filter(index -> running.get(index).hasDecided(requestId))
        .boxed()
        .toList();
  }

  /** Requests that each has routed. */
  public List<Long> routed() {
    return metric("llm_d_epp_scheduler_attempts_total");
  }

  /** The sum over all samples of a metric with these labels and any others, of each. */
  public List<Long> metric(String name, String... labels) {
    return running.stream().map(epp -> epp.metric(name, labels)).toList();
  }

  @Override
  public void close() {
    running.forEach(EppProcess::close);
  }
}
