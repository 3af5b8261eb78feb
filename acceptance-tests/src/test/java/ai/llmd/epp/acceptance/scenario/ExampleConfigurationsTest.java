package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static ai.llmd.epp.acceptance.inprocess.Asking.open;
import static ai.llmd.epp.acceptance.inprocess.Asking.routed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.configuration.Examples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations that the reference was started with start here, and route as they say. */
class ExampleConfigurationsTest {

  private static final Map<String, String> NO_HEADERS = Map.of();
  private static final String PREFILLER = "x-prefiller-host-port";

  @TempDir Path folder;

  private final List<ModelServer> servers = new ArrayList<>();
  private final StringBuilder entries = new StringBuilder("endpoints:\n");

  @SuppressWarnings("NullAway.Init") // every test starts its own
  private RunningPicker picker;

  @AfterEach
  void stop() {
    if (picker != null) {
      picker.close();
    }
    servers.forEach(ModelServer::close);
  }

  @Test
  void theMinimalOnePrefersTheServerWithFewerRunningRequests() throws IOException {
    server("busy", "").reports(0, 9, 0);
    ModelServer idle = server("idle", "").reports(0, 1, 0);
    start(Examples.MINIMAL);

    assertThat(route("hello").destination()).isEqualTo(idle.hostPort());
  }

  @Test
  void theDefaultSpelledOutWeighsQueueAndCache() throws IOException {
    server("queue", "").reports(3, 0, 0.2);
    ModelServer best = server("best", "").reports(0, 0, 0.1);
    server("long-queue", "").reports(10, 0, 0.2);
    start(Examples.DEFAULT);

    assertThat(route("hello").destination()).isEqualTo(best.hostPort());
  }

  @Test
  void thePrefixOneNamesTwoServersAndReturnsToTheFirst() throws IOException {
    ModelServer first = server("first", "").reports(0, 0, 0.1);
    ModelServer second = server("second", "").reports(4, 0, 0.2);
    ModelServer third = server("third", "").reports(8, 0, 0.9);
    start(Examples.PREFIX);
    String prompt = "a long prompt about prefixes ".repeat(100);

    assertThat(route(prompt).destination()).isEqualTo(first.hostPort() + "," + second.hostPort());
    first.reports(8, 0, 0.1);
    second.reports(8, 0, 0.1);
    third.reports(0, 0, 0.0);
    awaitDestination(third.hostPort());
    assertThat(route(prompt).destination())
        .as("the prefix counts more than the queue")
        .startsWith(first.hostPort() + ",");
  }

  @Test
  void theDisaggregatedOneSendsLongPromptsThroughAPrefillServer() throws IOException {
    ModelServer prefill = server("prefill", "llm-d.ai/role: prefill").reports(0, 0, 0);
    ModelServer decode = server("decode", "llm-d.ai/role: decode").reports(5, 0, 0);
    server("busy-decode", "llm-d.ai/role: decode").reports(9, 0, 0);
    start(Examples.PREFILL_DECODE);

    Routed brief = route("a short prompt");
    Routed lengthy = route("a prompt that is long enough ".repeat(200));

    assertThat(brief.destination()).isEqualTo(decode.hostPort());
    assertThat(brief.headers()).doesNotContainKey(PREFILLER);
    assertThat(lengthy.destination()).isEqualTo(decode.hostPort());
    assertThat(lengthy.headers()).containsEntry(PREFILLER, prefill.hostPort());
  }

  @Test
  void theLoraOnePrefersTheServerThatHasTheAdapter() throws IOException {
    ModelServer loaded = server("loaded", "").reports(0, 0, 0.5, "m");
    server("full", "").reports(9, 0, 1, "a", "b"); // scores 0, so chance cannot pick it
    start(Examples.LORA);

    for (int i = 0; i < 20; i++) {
      assertThat(route("hello").destination()).isEqualTo(loaded.hostPort());
    }
  }

  @Test
  void theSessionOneKeepsAConversationOnItsServer() throws IOException {
    ModelServer first = server("first", "").reports(0, 0, 0);
    ModelServer second = server("second", "").reports(5, 0, 0);
    start(Examples.SESSION, "--allow-experimental-plugins");

    assertThat(route("hello", Map.of("x-conversation", "c-1")).destination())
        .isEqualTo(first.hostPort());
    assertThat(route("hello", Map.of("cookie", "a=b; chat_sid=c-2")).destination())
        .isEqualTo(first.hostPort());
    first.reports(9, 0, 0);
    awaitDestination(second.hostPort());

    assertThat(route("again", Map.of("x-conversation", "c-1")).destination())
        .as("bound by the header")
        .isEqualTo(first.hostPort());
    assertThat(route("again", Map.of("cookie", "a=b; chat_sid=c-2")).destination())
        .as("bound by the cookie, which the producer found")
        .isEqualTo(first.hostPort());
    assertThat(route("again", Map.of("x-conversation", "c-3")).destination())
        .as("a new conversation")
        .isEqualTo(second.hostPort());
    assertThat(route("again", Map.of("x-pod-token", token("default/first"))).destination())
        .as("the echoed token weighs 3, the queue 1")
        .isEqualTo(first.hostPort());
  }

  @Test
  void theSessionOnePrefersTheClientsRegionAndReturnsTheToken() throws IOException {
    server("near-queue", "topology.kubernetes.io/region: eu").reports(0, 0, 0);
    ModelServer abroad = server("abroad", "topology.kubernetes.io/region: us").reports(5, 0, 0);
    start(Examples.SESSION, "--allow-experimental-plugins");

    Dialogue dialogue = open(picker, Map.of("x-client-region", "us"), completion("m", "hello"));
    assertThat(routed(dialogue).destination()).isEqualTo(abroad.hostPort());
    dialogue.send(Messages.responseHeaders(true, ":status", "200"));
    assertThat(
            Messages.setBy(dialogue.next().getResponseHeaders().getResponse().getHeaderMutation()))
        .containsEntry("x-pod-token", token("default/abroad"));
    dialogue.halfClose().end();
  }

  @Test
  void theOneWithAWatchedFileFollowsIt() throws IOException {
    server("busy", "").reports(30, 0, 0);
    start(Examples.FILE_DISCOVERY);
    ModelServer idle = server("idle", "llm-d.ai/role: both").reports(0, 0, 0);

    assertThat(route("hello").destination()).isEqualTo(servers.getFirst().hostPort());
    writeEndpoints();
    awaitDestination(idle.hostPort());
  }

  /** A server whose entry has these labels, as YAML. */
  private ModelServer server(String name, String labels) {
    ModelServer server = ModelServer.start(name, "127.0.0.1");
    servers.add(server);
    entries.append(
        "- {name: %s, address: 127.0.0.1, port: '%d', labels: {%s}}\n"
            .formatted(name, server.port(), labels));
    return server;
  }

  private void start(Examples example, String... flags) throws IOException {
    String configuration = example.text().replace("${ENDPOINTS_FILE}", writeEndpoints().toString());
    picker = RunningPicker.start(configuration, servers, flags);
  }

  private Path writeEndpoints() throws IOException {
    return Files.writeString(folder.resolve("endpoints.yaml"), entries);
  }

  private Routed route(String prompt) {
    return route(prompt, NO_HEADERS);
  }

  private Routed route(String prompt, Map<String, String> headers) {
    return Asking.route(picker, headers, completion("m", prompt));
  }

  /** Asks, with another prompt every time, until the requests go there. */
  private void awaitDestination(String destination) {
    AtomicInteger number = new AtomicInteger();
    await()
        .untilAsserted(
            () ->
                assertThat(route(number.incrementAndGet() + " is a new prompt").destination())
                    .startsWith(destination));
  }

  private static String token(String identity) {
    return Base64.getEncoder().encodeToString(identity.getBytes(StandardCharsets.UTF_8));
  }
}
