package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations that stay on their servers, by a token of the response or by an id. */
class SessionScenariosTest {

  private static final String TOKEN = "x-session-token";
  private static final String PREFILL_TOKEN = "x-session-token-prefill";
  private static final String PREFILLER = "x-prefiller-host-port";

  @TempDir private Path folder;

  private final List<ModelServer> servers =
      List.of(
          ModelServer.loaded("decode-0", 0, 0),
          ModelServer.loaded("decode-1", 9, 0),
          ModelServer.loaded("prefill-0", 0, 0),
          ModelServer.loaded("prefill-1", 9, 0));

  @SuppressWarnings("NullAway.Init") // every test starts its own
  private RunningPicker picker;

  @AfterEach
  void stop() {
    picker.close();
    servers.forEach(ModelServer::close);
  }

  /** What became of a request and its response. */
  private record Exchange(Map<String, String> sent, Map<String, String> answered) {

    String destination() {
      return String.valueOf(sent.get(Asking.DESTINATION));
    }

    String token(String name) {
      return Objects.requireNonNull(answered.get(name));
    }
  }

  private void start(String plugins, String profiles) throws IOException {
    String entries =
        servers.stream()
            .map(
                server ->
                    "- {name: %s, address: 127.0.0.1, port: '%d', labels: {llm-d.ai/role: %s}}\n"
                        .formatted(
                            server.name(),
                            server.port(),
                            server.name().substring(0, server.name().length() - 2)))
            .collect(Collectors.joining());
    Path endpoints = Files.writeString(folder.resolve("endpoints.yaml"), "endpoints:\n" + entries);
    picker =
        RunningPicker.start(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - {name: endpoints, type: file-discovery, parameters: {path: %s}}
            - {type: queue-scorer}
            - {type: max-score-picker}
            - {type: prefill-filter}
            - {type: decode-filter}
            %sschedulingProfiles:
            %sdataLayer: {discovery: {pluginRef: endpoints}}
            """
                .formatted(endpoints, plugins, profiles),
            servers,
            "--allow-experimental-plugins");
  }

  private Exchange exchange(Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.put(":path", "/v1/completions");
    Dialogue dialogue = Asking.open(picker, all, completion("m", "hello"));
    Asking.Routed routed = Asking.routed(dialogue);
    dialogue.send(Messages.responseHeaders(false, ":status", "200", "content-type", "text/plain"));
    Map<String, String> answered =
        Messages.setBy(dialogue.next().getResponseHeaders().getResponse().getHeaderMutation());
    dialogue.send(Messages.responseBody("x", true));
    dialogue.next();
    dialogue.halfClose().end();
    return new Exchange(routed.headers(), answered);
  }

  /** The first of each pair is busy now, and the second idle. */
  private void turnLoads(String newDestination) {
    for (ModelServer server : servers) {
      server.reports(server.name().endsWith("0") ? 9 : 0, 0, 0);
    }
    await()
        .untilAsserted(
            () -> assertThat(exchange(Map.of()).destination()).isEqualTo(newDestination));
  }

  private String server(int index) {
    return servers.get(index).hostPort();
  }

  private static String profileWith(String sessionPlugin) {
    return """
    - name: default
      plugins:
      - {pluginRef: decode-filter}
      - {pluginRef: %s, weight: 5}
      - {pluginRef: queue-scorer}
      - {pluginRef: max-score-picker}
    """
        .formatted(sessionPlugin);
  }

  @ParameterizedTest
  @ValueSource(strings = {"session-affinity-filter", "session-affinity-scorer"})
  void aTokenOfTheFirstResponseLeadsBackToItsServer(String type) throws IOException {
    start("- {type: " + type + "}\n", profileWith(type));
    Exchange first = exchange(Map.of());
    assertThat(first.destination()).isEqualTo(server(0));
    assertThat(first.answered()).containsKey(TOKEN);

    turnLoads(server(1));

    Exchange second = exchange(Map.of(TOKEN, first.token(TOKEN)));
    assertThat(second.destination()).isEqualTo(server(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"session-affinity-filter", "session-affinity-scorer"})
  void anIdInAHeaderLeadsBackToItsServer(String type) throws IOException {
    start(
        """
        - type: %s
          parameters: {strategy: session_id, sessionIdConfig: {sources: [{header: x-session-id}]}}
        """
            .formatted(type),
        profileWith(type));
    Map<String, String> session = Map.of("x-session-id", "s-1");
    Exchange first = exchange(session);
    assertThat(first.destination()).isEqualTo(server(0));
    assertThat(first.answered()).doesNotContainKey(TOKEN);

    turnLoads(server(1));

    for (int i = 0; i < 10; i++) {
      assertThat(exchange(session).destination()).isEqualTo(server(0));
    }
  }

  private void startInStages(String handler) throws IOException {
    start(
        """
        - {type: always-disagg-pd-decider}
        - {type: disagg-profile-handler, parameters: {%s}}
        - {name: stay-decoding, type: session-affinity-filter, parameters: {profileName: decode}}
        - name: stay-prefilling
          type: session-affinity-filter
          parameters:
            profileName: prefill
            encodedEndpointHeaderConfig: {header: x-session-token-prefill}
        """
            .formatted(handler),
        """
        - name: prefill
          plugins:
          - {pluginRef: prefill-filter}
          - {pluginRef: stay-prefilling}
          - {pluginRef: queue-scorer}
          - {pluginRef: max-score-picker}
        - name: decode
          plugins:
          - {pluginRef: decode-filter}
          - {pluginRef: stay-decoding}
          - {pluginRef: queue-scorer}
          - {pluginRef: max-score-picker}
        """);
  }

  @Test
  void eachStageHasATokenOfItsOwn() throws IOException {
    startInStages("deciders: {prefill: always-disagg-pd-decider}");
    Exchange first = exchange(Map.of());
    assertThat(first.destination()).isEqualTo(server(0));
    assertThat(first.sent()).containsEntry(PREFILLER, server(2));
    assertThat(first.answered()).containsKeys(TOKEN, PREFILL_TOKEN);

    turnLoads(server(1));

    Exchange second =
        exchange(Map.of(TOKEN, first.token(TOKEN), PREFILL_TOKEN, first.token(PREFILL_TOKEN)));
    assertThat(second.destination()).isEqualTo(server(0));
    assertThat(second.sent()).containsEntry(PREFILLER, server(2));
  }

  @Test
  void aStageThatDidNotRunHasNoToken() throws IOException {
    startInStages("");
    Exchange first = exchange(Map.of());
    assertThat(first.sent()).doesNotContainKey(PREFILLER);
    assertThat(first.answered()).containsKey(TOKEN).doesNotContainKey(PREFILL_TOKEN);
  }
}
