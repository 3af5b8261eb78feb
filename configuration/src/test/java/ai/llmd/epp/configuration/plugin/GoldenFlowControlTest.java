package ai.llmd.epp.configuration.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.configuration.ConfigurationDocument;
import ai.llmd.epp.configuration.ConfigurationLoader;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.YamlSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Saturation detectors and usage limits, as the reference answered. */
class GoldenFlowControlTest {

  private static final JsonNode GOLDEN =
      GoldenFiles.read(GoldenFlowControlTest.class, "flow_control.json");
  private static final PluginRegistry REGISTRY = PluginRegistry.discover();
  private static final String FILE = "flow_control.json";
  private static final long NOW = 3_600_000_000_000L;
  private static final Pattern FIELD =
      Pattern.compile(
          "(?:configuration: (?:unsupported )?|unknown field \"|Go struct field \\w+\\.)(\\w+)");

  static Stream<JsonNode> saturation() {
    return GOLDEN.get("saturation").valueStream();
  }

  static Stream<JsonNode> usageLimit() {
    return GOLDEN.get("usageLimit").valueStream();
  }

  @Test
  void everyKindOfCaseIsPlayed() {
    if (GoldenFiles.isOurs(FILE)) {
      assertThat(saturation()).hasSize(18);
      assertThat(usageLimit()).hasSize(11);
    }
  }

  @ParameterizedTest
  @MethodSource("saturation")
  void detectorsJudgeAndFilterAsRecorded(JsonNode golden) throws InvalidDocumentException {
    PluginServices services = services();
    Plugin plugin = built(golden, services);
    if (plugin == null) {
      return;
    }
    SchedulingCycle cycle = pool(golden.get("endpoints"), services.get(SharedState.class));
    assertThat(((SaturationDetector) plugin).saturation(cycle.candidates(), NOW))
        .isCloseTo(golden.get("expectedSaturation").asDouble(), within(1e-12));
    List<Integer> kept = new ArrayList<>();
    for (Candidate candidate : ((Filter) plugin).filter(cycle)) {
      kept.add(candidate.slot());
    }
    assertThat(kept)
        .isEqualTo(golden.get("expectedFilterKeeps").valueStream().map(JsonNode::asInt).toList());
  }

  @ParameterizedTest
  @MethodSource("usageLimit")
  void usageLimitsAreAsRecorded(JsonNode golden) throws InvalidDocumentException {
    Plugin plugin = built(golden, services());
    if (plugin == null) {
      return;
    }
    int[] priorities = golden.get("priorities").valueStream().mapToInt(JsonNode::asInt).toArray();
    int call = 0;
    for (JsonNode saturation : golden.get("saturations")) {
      double[] ceilings = new double[priorities.length];
      Arrays.fill(ceilings, 1);
      ((UsageLimitPolicy) plugin).ceilings(saturation.asDouble(), priorities, ceilings);
      double[] expected =
          golden
              .get("expectedCeilingsPerCall")
              .get(call++)
              .valueStream()
              .mapToDouble(JsonNode::asDouble)
              .toArray();
      assertThat(ceilings).as("call %d", call).containsExactly(expected, within(1e-12));
    }
  }

  /** The plugin; null when its parameters are refused, as they were by the reference. */
  private static @Nullable Plugin built(JsonNode golden, PluginServices services)
      throws InvalidDocumentException {
    String text =
        "plugins: [{name: it, type: %s, parameters: %s}]"
            .formatted(golden.get("type").asString(), golden.get("parameters"));
    if (golden.has("expectedConfigError")) {
      var refused =
          catchThrowableOfType(InvalidDocumentException.class, () -> load(text, services));
      assertThat(refused).as(text).isNotNull();
      String field = field(golden.get("expectedConfigError").asString());
      assertThat(refused.problems())
          .extracting(Problem::toString)
          .as("one that names the field %s", field)
          .anyMatch(problem -> problem.contains(field));
      return null;
    }
    return load(text, services).built().stream()
        .filter(one -> one.name().equals("it"))
        .findFirst()
        .orElseThrow()
        .plugin();
  }

  private static EffectiveConfiguration load(String text, PluginServices services)
      throws InvalidDocumentException {
    return new ConfigurationLoader(REGISTRY, true)
        .load(ConfigurationDocument.read(new YamlSource("epp.yaml", text)), services);
  }

  /** The parts that the plugins of a small configuration ask for. */
  private static PluginServices services() {
    return PluginServices.of(
        Map.of(
            SharedState.class,
            new SharedState(SharedState.Budget.DEFAULT),
            InFlightObserver.class,
            InFlightObserver.NONE,
            SampleAge.class,
            SampleAge.BY_CLOCK,
            LongSupplier.class,
            (LongSupplier) () -> 0));
  }

  /** Which field an error is about; empty when it does not name one. */
  private static String field(String error) {
    Matcher matcher = FIELD.matcher(error);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static SchedulingCycle pool(JsonNode endpoints, SharedState state) {
    CycleFixture pool = new CycleFixture();
    long[] requests = new long[endpoints.size()];
    long[] tokens = new long[endpoints.size()];
    for (int i = 0; i < endpoints.size(); i++) {
      JsonNode endpoint = endpoints.get(i);
      pool.endpoint(load(endpoint));
      requests[i] = endpoint.path("requests").asLong(0);
      tokens[i] = endpoint.path("tokens").asLong(0);
      state.ledger(InFlightLoad.DEFAULT_PRODUCER).open(i, 1, requests[i], tokens[i]);
    }
    SchedulingCycle cycle =
        pool.fact(InFlightLoad.keyOrDefault(""), new InFlightLoad(requests, tokens)).build();
    Candidates candidates = cycle.candidates();
    return new SchedulingCycle(cycle.request(), candidates, cycle.facts(), cycle.random(), NOW);
  }

  private static EndpointLoad load(JsonNode endpoint) {
    if (!endpoint.has("ageMs")) {
      return EndpointLoad.UNSAMPLED;
    }
    return new EndpointLoad(
        endpoint.path("waiting").asInt(0),
        0,
        endpoint.path("kv").asDouble(0),
        Set.of(),
        Set.of(),
        0,
        0,
        0,
        Map.of(),
        NOW - endpoint.get("ageMs").asLong() * 1_000_000,
        true);
  }
}
