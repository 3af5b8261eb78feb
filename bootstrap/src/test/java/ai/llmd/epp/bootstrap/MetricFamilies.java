package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.telemetry.meter.DegradationMeters;
import ai.llmd.epp.adapter.telemetry.meter.EndpointHealthMeters;
import ai.llmd.epp.adapter.telemetry.meter.FlowMeters;
import ai.llmd.epp.adapter.telemetry.meter.KubernetesMeters;
import ai.llmd.epp.adapter.telemetry.meter.PoolMeters;
import ai.llmd.epp.adapter.telemetry.meter.ProgramFairnessMeters;
import ai.llmd.epp.adapter.telemetry.meter.ProgramMeters.Certificate;
import ai.llmd.epp.adapter.telemetry.meter.ReplicationMeters;
import ai.llmd.epp.application.flow.FlowFigures;
import ai.llmd.epp.application.port.out.ReplicationFigures;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.flow.PoolStages;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.scheduling.decider.AlwaysDisaggDecider;
import ai.llmd.epp.domain.scheduling.handler.DisaggParameters;
import ai.llmd.epp.domain.scheduling.handler.DisaggProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.PdProfileHandler;
import ai.llmd.epp.domain.state.SharedState;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The families of metrics that the program registers, those of the JVM left out. */
public final class MetricFamilies {

  private static final String STABILITY = "[ALPHA] ";
  private static final String DEPRECATED = "[Deprecated: Use ";

  private MetricFamilies() {}

  /**
   * A family.
   *
   * @param name as the page shows it
   * @param labels sorted
   * @param successor the family to use instead; empty when this one is not deprecated
   * @param isOfStreams whether it needs {@code --enable-grpc-stream-metrics}
   */
  public record Family(
      String name,
      String type,
      Set<String> labels,
      String help,
      String successor,
      boolean isOfStreams) {

    /** Whether there is a successor. */
    public boolean isDeprecated() {
      return !successor.isEmpty();
    }

    private Family ofStreams() {
      return new Family(name, type, labels, help, successor, true);
    }
  }

  private static final ReplicationFigures FIGURES = new ReplicationFigures(0, 0, 0, 0, 0, true);
  private static final FlowFigures FLOW =
      new FlowFigures(new PoolStages(0, 0, 0), List.of(), Map.of(), 0, 0, 0, 0, "", 0, 0, 0);
  private static final ReplicationObserver.Status STATUS =
      new ReplicationObserver.Status(ReplicationObserver.State.SHARING, 0, "");

  /** Every family there can be, by name. */
  public static List<Family> registered() {
    Set<String> always = new TreeSet<>();
    for (Family family : recorded(false)) {
      always.add(family.name());
    }
    return recorded(true).stream()
        .map(family -> always.contains(family.name()) ? family : family.ofStreams())
        .sorted(Comparator.comparing(Family::name))
        .toList();
  }

  /** The families on the page of a picker that has been started and asked nothing. */
  public static Set<String> shownByAPicker(Path folder) throws Exception {
    Path endpoints = Files.writeString(folder.resolve("endpoints.yaml"), "endpoints: []");
    String configuration =
        """
        plugins: [{type: file-discovery, parameters: {path: %s}}]
        dataLayer: {discovery: {pluginRef: file-discovery}}
        """
            .formatted(endpoints);
    var command =
        (CommandLineResult.Run)
            EppCommandLine.parse(
                Map.of(),
                "--pool-name=pool",
                "--config-text=" + configuration,
                "--grpc-port=0",
                "--grpc-health-port=0",
                "--metrics-port=0",
                "--secure-serving=false",
                "--enable-grpc-stream-metrics");
    try (EndpointPicker picker = EndpointPicker.start(command.options());
        HttpClient http = HttpClient.newHttpClient()) {
      URI page = URI.create("http://127.0.0.1:" + picker.metricsPort() + "/metrics");
      HttpRequest get = HttpRequest.newBuilder(page).build();
      return http.send(get, BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith("# TYPE "))
          .map(line -> line.split(" ", -1)[2])
          .filter(MetricFamilies::isOurs)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static List<Family> recorded(boolean countsStreams) {
    var registry = new Recording();
    try (Meters meters = new Meters(registry, countsStreams, true, System::nanoTime)) {
      meters.program.build("", "");
      meters.program.state("memory", new SharedState(SharedState.Budget.DEFAULT));
      new ReplicationMeters(registry, "redis").show(() -> FIGURES, () -> STATUS, () -> 0);
      meters.program.buffered(() -> 0);
      meters.program.network(() -> 0);
      meters.program.givenUp(() -> Map.of("slow", 0L));
      meters.program.certificates(List.of(new Certificate("", "", () -> 0, () -> 0)));
      meters.program.waiting(() -> 0);
      meters.program.breakers(new Breakers());
      meters.program.droppedPrefixRecords(() -> 0);
      meters.counted(
          new Named<>("", "", new DisaggProfileHandler(DisaggParameters.DEFAULT, null, null)));
      meters.counted(
          new Named<>(
              "",
              "",
              new PdProfileHandler(
                  PdProfileHandler.Parameters.DEFAULT, new AlwaysDisaggDecider())));
      registry.register(
          new KubernetesMeters(
              () -> List.of(new WatchStatus("pods", true, 0, 0, 0)),
              () -> List.of(new KubernetesMeters.Leadership("lease", true))));
      registry.register(new PoolMeters(MetricFamilies::sampledPool, Long.MAX_VALUE, () -> 0));
      registry.register(new EndpointHealthMeters("pool", state -> 0));
      new DegradationMeters(registry, "pool");
      new FlowMeters(registry, meters.limits, "pool", () -> 0).show(() -> FLOW);
      new ProgramFairnessMeters(registry, List::of);
      return registry.families.stream().filter(family -> isOurs(family.name())).toList();
    }
  }

  private static boolean isOurs(String family) {
    return !family.startsWith("jvm_")
        && !family.startsWith("process_")
        && !family.startsWith("system_");
  }

  /** An endpoint with a sample, for the families that are computed from samples. */
  private static PoolSnapshot sampledPool() {
    var endpoint =
        new EndpointState(
            0, 1, Endpoint.of(new EndpointId("ns", "name"), "127.0.0.1", 8000, Map.of()));
    endpoint.publish(
        ignored -> new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, true));
    return PoolSnapshot.of("pool", List.of(endpoint));
  }

  /** Notes what is registered. */
  private static final class Recording extends PrometheusRegistry {

    private final List<Family> families = new ArrayList<>();

    @Override
    public void register(Collector collector) {
      super.register(collector);
      MetricSnapshot snapshot = collector.collect();
      Set<String> labels = collector.getLabelNames();
      families.add(family(snapshot, labels == null ? Set.of() : labels));
    }

    @Override
    public void register(MultiCollector collector) {
      super.register(collector);
      for (MetricSnapshot snapshot : collector.collect()) {
        Set<String> labels = new TreeSet<>();
        snapshot
            .getDataPoints()
            .forEach(point -> point.getLabels().forEach(label -> labels.add(label.getName())));
        families.add(family(snapshot, labels));
      }
    }

    private static Family family(MetricSnapshot snapshot, Set<String> labels) {
      boolean isCounter = snapshot instanceof CounterSnapshot;
      String help = Objects.requireNonNullElse(snapshot.getMetadata().getHelp(), "");
      int deprecation = help.indexOf(DEPRECATED);
      String successor =
          deprecation < 0
              ? ""
              : help.substring(deprecation + DEPRECATED.length(), help.length() - 1);
      return new Family(
          shown(snapshot.getMetadata().getPrometheusName(), isCounter),
          isCounter ? "counter" : snapshot instanceof HistogramSnapshot ? "histogram" : "gauge",
          new TreeSet<>(labels),
          help.replace(STABILITY, ""),
          shown(successor, isCounter),
          false);
    }

    /** The page adds {@code _total} to the name of a counter. */
    private static String shown(String name, boolean isCounter) {
      return isCounter && !name.isEmpty() && !name.endsWith("_total") ? name + "_total" : name;
    }
  }
}
