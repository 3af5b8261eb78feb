package ai.llmd.epp.acceptance.inprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import ai.llmd.epp.cli.Options;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A picker with free ports for everything, and a channel to it. */
public final class RunningPicker implements AutoCloseable {

  /** The discovery of every configuration here; reads the file that the picker is given. */
  private static final String ENDPOINTS = "${ENDPOINTS_FILE}";

  private static final Duration PATIENCE = Duration.ofSeconds(60); // for a machine that is busy

  private final EndpointPicker picker;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();

  private RunningPicker(EndpointPicker picker) {
    this.picker = picker;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", picker.grpcPort())
            .usePlaintext()
            .maxInboundMessageSize(128 << 20)
            .build();
  }

  /**
   * Starts a picker and waits until it knows the load of every server.
   *
   * @param configuration a text with {@code ${ENDPOINTS_FILE}} where that file is named
   */
  public static RunningPicker start(
      String configuration, List<ModelServer> servers, String... flags) {
    RunningPicker picker = startUnawares(configuration, servers, flags);
    picker.awaitFresh(servers.size());
    return picker;
  }

  /** The same in an environment. */
  public static RunningPicker start(
      Map<String, String> environment,
      String configuration,
      List<ModelServer> servers,
      String... flags) {
    RunningPicker picker = of(options(environment, configuration, servers, flags));
    picker.awaitFresh(servers.size());
    return picker;
  }

  /** The same without the wait. */
  public static RunningPicker startUnawares(
      String configuration, List<ModelServer> servers, String... flags) {
    return of(options(configuration, servers, flags));
  }

  private static RunningPicker of(Options options) {
    try {
      return new RunningPicker(EndpointPicker.start(options));
    } catch (Exception e) {
      throw new AssertionError("the picker does not start: " + e.getMessage(), e);
    }
  }

  /** Starts a picker that follows a file. */
  public static RunningPicker following(Path configuration) {
    return of(options(Map.of(), "--config-file=" + configuration));
  }

  /**
   * Starts a picker that finds its endpoints in Kubernetes.
   *
   * @param environment with {@code KUBECONFIG}
   */
  public static RunningPicker inKubernetes(Map<String, String> environment, String... flags) {
    return of(kubernetesOptions(environment, flags));
  }

  /** The options of such a picker. */
  public static Options kubernetesOptions(Map<String, String> environment, String... flags) {
    return parsed(
        environment,
        List.of(
            "--secure-serving=false",
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0",
            "--warm-up-time=0s",
            "--drain-timeout=0s"),
        flags);
  }

  /** The options of a picker that would find these servers. */
  public static Options options(String configuration, List<ModelServer> servers, String... flags) {
    return options(Map.of(), configuration, servers, flags);
  }

  private static Options options(
      Map<String, String> environment,
      String configuration,
      List<ModelServer> servers,
      String... flags) {
    String text = configuration.replace(ENDPOINTS, endpointsFile(servers).toString());
    return options(environment, "--config-text=" + text, flags);
  }

  private static Options options(
      Map<String, String> environment, String configuration, String... flags) {
    return parsed(
        environment,
        List.of(
            "--pool-name=epp",
            "--secure-serving=false",
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0",
            "--warm-up-time=0s",
            configuration),
        flags);
  }

  private static Options parsed(
      Map<String, String> environment, List<String> first, String... flags) {
    List<String> arguments = new ArrayList<>(first);
    arguments.addAll(List.of(flags));
    return switch (EppCommandLine.parse(environment, arguments.toArray(String[]::new))) {
      case CommandLineResult.Run(Options options, List<String> ignored) -> options;
      case CommandLineResult.Exit(int code, String text) -> throw new AssertionError(text);
    };
  }

  /** A file that names these servers. */
  public static Path endpointsFile(List<ModelServer> servers) {
    String entries = servers.stream().map(ModelServer::entry).collect(Collectors.joining(", "));
    try {
      Path file = Files.createTempFile("endpoints", ".yaml");
      file.toFile().deleteOnExit();
      return Files.writeString(file, "endpoints: [" + entries + "]\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A configuration with one profile that runs these plugins, each with a weight of 1. */
  public static String configuration(String... plugins) {
    return configuration(List.of(), plugins);
  }

  /**
   * A configuration with one profile.
   *
   * @param parsers types of the only parsers; none for the usual ones
   */
  public static String configuration(List<String> parsers, String... plugins) {
    String declared =
        Stream.concat(parsers.stream(), Stream.of(plugins))
            .map("- type: %s\n"::formatted)
            .collect(Collectors.joining());
    String handler =
        parsers.isEmpty()
            ? ""
            : "requestHandler:\n  parsers:\n"
                + parsers.stream()
                    .map("  - pluginRef: %s\n"::formatted)
                    .collect(Collectors.joining());
    return """
    apiVersion: llm-d.ai/v1alpha1
    kind: EndpointPickerConfig
    plugins:
    - name: endpoints
      type: file-discovery
      parameters: {path: "${ENDPOINTS_FILE}"}
    %sschedulingProfiles:
    - name: default
      plugins:
    %sdataLayer:
      discovery: {pluginRef: endpoints}
    %s\
    """
        .formatted(
            declared,
            Stream.of(plugins).map("  - pluginRef: %s\n"::formatted).collect(Collectors.joining()),
            handler);
  }

  /** Waits until so many endpoints have fresh metrics. */
  public void awaitFresh(int endpoints) {
    awaitSum("llm_d_epp_ready_endpoints", endpoints);
  }

  /** Waits until no byte of a body is held any more. */
  public void awaitNothingBuffered() {
    awaitSum("llm_d_epp_buffered_body_bytes", 0);
  }

  /** Waits until the samples of a metric come to this. */
  public void awaitSum(String name, double sum) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(() -> assertThat(metrics().sum(name)).as(name).isEqualTo(sum));
  }

  public ManagedChannel channel() {
    return channel;
  }

  public int healthPort() {
    return picker.healthPort();
  }

  public int metricsPort() {
    return picker.metricsPort();
  }

  public int grpcPort() {
    return picker.grpcPort();
  }

  public MetricsText metrics() {
    return new MetricsText(get("/metrics").body());
  }

  /** A page of the metrics port. */
  public HttpResponse<String> get(String pathAndQuery) {
    return get(pathAndQuery, "*/*");
  }

  /**
   * A page of the metrics port.
   *
   * @param accepted media types
   */
  public HttpResponse<String> get(String pathAndQuery, String accepted) {
    URI uri = URI.create("http://127.0.0.1:" + picker.metricsPort() + pathAndQuery);
    try {
      return http.send(
          HttpRequest.newBuilder(uri).header("Accept", accepted).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Asks it to end; returns when it serves no more. */
  public void drain() {
    picker.drain();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    picker.close();
    http.close();
  }
}
