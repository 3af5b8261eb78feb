package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage in streamed answers, in the mode of Envoy in which the picker sees them. */
class ServerAnswersIT {

  private static final String CHAT =
      """
      {"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]}\
      """;
  private static final String RESPONSES =
      """
      {"model":"m","stream":true,"input":"hello"}\
      """;

  private static Stack stack;
  private static ScriptedServer server;
  private static EppProcess epp;
  private static EnvoyProcess envoy;

  @BeforeAll
  static void start() throws Exception {
    stack = Stack.empty("answers", false);
    server = ScriptedServer.start();
    stack.list(server, server.port());
    epp = stack.startEpp();
    envoy = stack.startEnvoy(EnvoyMode.FULL);
  }

  @AfterAll
  static void stop() throws Exception {
    stack.close();
  }

  @ParameterizedTest(name = "usage-in-every-chunk: {0}")
  @ValueSource(strings = {"continuous.sse", "twice.sse"})
  void usageInEveryChunk(String file) {
    Tokens tokens = file.equals("continuous.sse") ? new Tokens(1000, 5, -1) : new Tokens(11, 3, 8);
    observesOnce("/v1/chat/completions", CHAT, events("usage-in-every-chunk", file), tokens);
  }

  @Test
  void usageEventInTwoChunks() {
    List<String> parts =
        Stream.of("part-1.txt", "part-2.txt")
            .map(file -> CaseFile.text("usage-event-in-two-chunks", file))
            .toList();
    observesOnce("/v1/chat/completions", CHAT, parts, new Tokens(11, 3, 8));
  }

  @Test
  void usageEventInTwoChunksWithoutASpace() {
    List<String> events = events("usage-event-in-two-chunks", "no-space.sse");
    observesOnce("/v1/chat/completions", CHAT, events, new Tokens(11, 3, 8));
  }

  static Stream<List<String>> cutElsewhere() {
    String whole =
        String.join("", events("usage-event-in-two-chunks", "no-space.sse")).replace("\n", "\r\n");
    int usage = whole.indexOf("\"usage\"");
    return Stream.of(1, 5, whole.indexOf("\r\n") + 1, usage, usage + 3, whole.length() - 3)
        .map(cut -> List.of(whole.substring(0, cut), whole.substring(cut)));
  }

  @ParameterizedTest
  @MethodSource("cutElsewhere")
  void usageEventInTwoChunksCutElsewhere(List<String> chunks) {
    observesOnce("/v1/chat/completions", CHAT, chunks, new Tokens(11, 3, 8));
  }

  @Test
  void usageEventInManyChunksAtTheEndOfAResponseOfMegabytes() {
    String output = "{\"type\":\"output_text\",\"text\":\"" + "and so on ".repeat(200_000) + "\"}";
    String event =
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":"
            + "{\"output\":["
            + output
            + "],\"usage\":{\"input_tokens\":11,\"input_tokens_details\":{\"cached_tokens\":8},"
            + "\"output_tokens\":3,\"total_tokens\":14}}}\n\n";
    List<String> chunks = new ArrayList<>();
    for (int from = 0; from < event.length(); from += 100_000) {
      chunks.add(event.substring(from, Math.min(event.length(), from + 100_000)));
    }
    observesOnce("/v1/responses", RESPONSES, chunks, new Tokens(11, 3, 8));
  }

  /** The numbers of an answer; -1 for one that it does not report. */
  private record Tokens(long prompt, long completion, long cached) {}

  private static List<String> events(String folder, String file) {
    return Pattern.compile("(?<=\n\n)").splitAsStream(CaseFile.text(folder, file)).toList();
  }

  private static void observesOnce(
      String path, String request, List<String> chunks, Tokens tokens) {
    server.answers(chunks);
    long prompts = epp.metric("llm_d_epp_request_input_tokens_sum");
    long promptCount = epp.metric("llm_d_epp_request_input_tokens_count");
    long completions = epp.metric("llm_d_epp_request_output_tokens_sum");
    long completionCount = epp.metric("llm_d_epp_request_output_tokens_count");
    long cached = epp.metric("llm_d_epp_request_cached_tokens_sum");
    long cachedCount = epp.metric("llm_d_epp_request_cached_tokens_count");

    Reply reply = envoy.gateway().post(path, request);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo(String.join("", chunks));
    await()
        .untilAsserted(
            () ->
                assertThat(epp.metric("llm_d_epp_request_input_tokens_count"))
                    .isEqualTo(promptCount + 1));
    assertThat(epp.metric("llm_d_epp_request_input_tokens_sum") - prompts)
        .isEqualTo(tokens.prompt());
    assertThat(epp.metric("llm_d_epp_request_output_tokens_sum") - completions)
        .isEqualTo(tokens.completion());
    assertThat(epp.metric("llm_d_epp_request_output_tokens_count") - completionCount).isOne();
    assertThat(epp.metric("llm_d_epp_request_cached_tokens_sum") - cached)
        .isEqualTo(Math.max(0, tokens.cached()));
    assertThat(epp.metric("llm_d_epp_request_cached_tokens_count") - cachedCount)
        .isEqualTo(tokens.cached() < 0 ? 0 : 1);
  }
}
