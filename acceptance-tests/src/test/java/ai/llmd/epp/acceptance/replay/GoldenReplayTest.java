package ai.llmd.epp.acceptance.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.GoldenConversation;
import ai.llmd.epp.adapter.extproc.dialogue.Replay;
import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.domain.golden.GoldenFiles;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Plays every recorded conversation against the program with the configuration that it was recorded
 * with. The model servers take free ports; the recorded ones are exchanged for them.
 */
class GoldenReplayTest {

  private static final String DEFAULT = "default";
  private static final String WITH_SCORES = "default + flag --emit-endpoint-scores";
  private static final String TRACED = "default, tracing flag left at its default (true)";
  private static final String UNTRACED = "--tracing=false"; // as they were recorded
  private static final String FLOW_CONTROL = "flow-control";
  private static final String SLOT_HELD =
      FLOW_CONTROL + " (another stream holds the only slot for 5 s)";
  private static final String EMPTY = "empty-pool";
  private static final String CONDITIONAL = " + gate conditionalDecode";

  /** Recordings that are not played, and what stands against it. */
  private static final Map<String, String> NOT_PLAYED =
      new TreeMap<>(
          Map.of(
              "16-request-trailers-no-eos", "a deliberate difference",
              "31-empty-pool-get", "a deliberate difference"));

  private static final JsonNode SETUP = GoldenConversation.setup();
  private static final List<ModelServer> SERVERS = new ArrayList<>();
  private static final Map<String, String> REAL_BY_RECORDED = new HashMap<>();
  private static final Map<String, RunningPicker> PICKERS = new HashMap<>();

  @BeforeAll
  static void startModelServers() {
    for (JsonNode endpoint : SETUP.get("endpoints")) {
      String address = endpoint.get("address").asString();
      JsonNode load = endpoint.get("metrics");
      ModelServer server =
          ModelServer.start(endpoint.get("name").asString(), address)
              .reports(
                  load.get("waiting").asInt(),
                  load.get("running").asInt(),
                  load.get("kv_cache_usage").asDouble());
      SERVERS.add(server);
      REAL_BY_RECORDED.put(address + ":" + endpoint.get("port").asString(), server.hostPort());
    }
  }

  @AfterAll
  static void stop() {
    PICKERS.values().forEach(RunningPicker::close);
    SERVERS.forEach(ModelServer::close);
  }

  static Stream<GoldenConversation> played() {
    return GoldenConversation.all().stream()
        .filter(golden -> !GoldenConversation.NOT_FOLLOWED.contains(golden.name()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("played")
  void answersAsRecorded(GoldenConversation golden) throws Exception {
    RunningPicker picker = PICKERS.computeIfAbsent(configOf(golden), GoldenReplayTest::startPicker);
    if (!golden.config().equals(SLOT_HELD)) {
      Replay.play(withRealPorts(golden), picker.channel());
      return;
    }
    Dialogue holding = Dialogue.open(picker.channel());
    try {
      golden.messages().forEach(holding::send);
      Asking.routed(holding);
      Replay.play(withRealPorts(golden), picker.channel());
    } finally {
      holding.cancel();
    }
  }

  /** The reference always answers whether a prompt is cached; this takes a gate here. */
  private static String configOf(GoldenConversation golden) {
    boolean isConditional =
        golden.messages().stream()
            .flatMap(message -> message.getRequestHeaders().getHeaders().getHeadersList().stream())
            .anyMatch(header -> header.getKey().equalsIgnoreCase("prefer"));
    return isConditional ? golden.config() + CONDITIONAL : golden.config();
  }

  private static RunningPicker startPicker(String name) {
    String config = name.endsWith(CONDITIONAL) ? name.replace(CONDITIONAL, "") : name;
    String text = config.equals(name) ? text(config) : withGate(text(config));
    return RunningPicker.start(text, servers(config), flags(config));
  }

  private static String withGate(String text) {
    return text.contains("featureGates:\n")
        ? text.replace("featureGates:\n", "featureGates:\n- conditionalDecode\n")
        : text.stripTrailing() + "\nfeatureGates: [conditionalDecode]\n";
  }

  private static List<ModelServer> servers(String config) {
    if (config.startsWith(FLOW_CONTROL)) {
      return config.equals(SLOT_HELD) ? SERVERS.subList(0, 1) : List.of();
    }
    return config.equals(EMPTY) ? List.of() : SERVERS;
  }

  private static String text(String config) {
    String name =
        config.equals(WITH_SCORES) || config.equals(TRACED)
            ? DEFAULT
            : config.startsWith(FLOW_CONTROL) ? FLOW_CONTROL : config;
    return Objects.requireNonNull(SETUP.get("configs").get(name), name)
        .asString()
        .replaceAll("\\$\\{[A-Z0-9_]*ENDPOINTS_FILE[A-Z0-9_]*}", "\\${ENDPOINTS_FILE}");
  }

  private static String[] flags(String config) {
    return switch (config) {
      case WITH_SCORES -> new String[] {"--emit-endpoint-scores", UNTRACED};
      case TRACED -> new String[0];
      default -> new String[] {UNTRACED};
    };
  }

  /** Fails when a recording can be played and is not, and when one is gone. */
  @Test
  void playsEverythingThatThisVersionCanPlay() {
    assumeTrue(GoldenFiles.isOurs("extproc/_setup.json"), "other conversations are played");
    Map<String, String> standsAgainst = new TreeMap<>();
    Map<String, String> refusals = new HashMap<>();
    for (GoldenConversation golden : GoldenConversation.all()) {
      String obstacle = obstacle(golden, refusals);
      if (!obstacle.isEmpty()) {
        standsAgainst.put(golden.name(), obstacle);
      }
    }

    assertThat(standsAgainst.keySet()).isEqualTo(NOT_PLAYED.keySet());
    NOT_PLAYED.forEach((name, reason) -> assertThat(standsAgainst.get(name)).contains(reason));
    assertThat(played()).hasSize(40);
  }

  private static String obstacle(GoldenConversation golden, Map<String, String> refusals) {
    if (GoldenConversation.NOT_FOLLOWED.contains(golden.name())) {
      return "a deliberate difference";
    }
    String config = golden.config().startsWith(FLOW_CONTROL) ? FLOW_CONTROL : golden.config();
    return refusals.computeIfAbsent(config, GoldenReplayTest::refusal);
  }

  /** Why the program does not start with a configuration; empty when it does. */
  private static String refusal(String config) {
    Throwable refusal =
        catchThrowable(
            () ->
                EndpointPicker.start(RunningPicker.options(text(config), SERVERS, flags(config)))
                    .close());
    return refusal == null ? "" : String.valueOf(refusal.getMessage());
  }

  private static GoldenConversation withRealPorts(GoldenConversation golden) throws Exception {
    var messages = new ArrayList<>(golden.messages());
    for (int i = 0; i < messages.size(); i++) {
      messages.set(i, withRealPorts(messages.get(i)));
    }
    var answers = new ArrayList<>(golden.answers());
    for (int i = 0; i < answers.size(); i++) {
      GoldenConversation.Answer answer = answers.get(i);
      answers.set(
          i, new GoldenConversation.Answer(answer.afterMessage(), withRealPorts(answer.message())));
    }
    return golden.with(messages, answers);
  }

  /** Addresses are plain in protobuf's text format, even within bytes and keys. */
  @SuppressWarnings("unchecked") // a builder builds what made it
  private static <M extends Message> M withRealPorts(M message) throws Exception {
    String text = TextFormat.printer().printToString(message);
    String changed = text;
    for (Map.Entry<String, String> port : REAL_BY_RECORDED.entrySet()) {
      changed = changed.replace(port.getKey(), port.getValue());
    }
    if (changed.equals(text)) {
      return message;
    }
    Message.Builder copy = message.newBuilderForType();
    TextFormat.merge(changed, copy);
    return (M) copy.build();
  }
}
