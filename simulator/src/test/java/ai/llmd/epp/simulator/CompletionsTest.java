package ai.llmd.epp.simulator;

import static ai.llmd.epp.simulator.Client.chatBody;
import static ai.llmd.epp.simulator.Client.events;
import static ai.llmd.epp.simulator.Client.tree;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class CompletionsTest extends WithSimulator {

  private static final String CHAT = "/v1/chat/completions";

  @Test
  void echoesTheLastMessageWithItsUsage() throws Exception {
    Client client = start("--mode", "echo", "--model", "m");

    JsonNode answer = client.chat("\"model\":\"m\",", "hello \"big\" wörld\n");

    assertThat(answer.at("/object").asString()).isEqualTo("chat.completion");
    assertThat(answer.at("/model").asString()).isEqualTo("m");
    assertThat(answer.at("/choices/0/message/content").asString())
        .isEqualTo("hello \"big\" wörld\n");
    assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    int prompt = answer.at("/usage/prompt_tokens").asInt();
    int completion = answer.at("/usage/completion_tokens").asInt();
    assertThat(prompt).isGreaterThan(completion);
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(prompt + completion);
    assertThat(answer.at("/usage/prompt_tokens_details/cached_tokens").isNumber()).isTrue();
  }

  @Test
  void reportsWhatItFoundInTheCache() throws Exception {
    Client client = start();
    String text = "one two three four five six seven eight nine ten ".repeat(20);

    JsonNode cold = client.chat("\"max_tokens\":1,", text);
    JsonNode warm = client.chat("\"max_tokens\":1,", text);

    int prompt = warm.at("/usage/prompt_tokens").asInt();
    assertThat(cold.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isZero();
    assertThat(warm.at("/usage/prompt_tokens_details/cached_tokens").asInt())
        .isEqualTo((prompt - 1) / 16 * 16);
    assertThat(client.metric("vllm:prefix_cache_queries_total")).isEqualTo(2.0 * prompt);
    assertThat(client.metric("vllm:prefix_cache_hits_total")).isEqualTo((prompt - 1) / 16 * 16);
  }

  @Test
  void streamsOneEventPerTokenAndTheUsageWhenAsked() throws Exception {
    Client client = start("--mode", "echo", "--inter-token-latency", "1ms");

    HttpResponse<String> response =
        client.post(
            CHAT,
            chatBody(
                "\"stream\":true,\"stream_options\":{\"include_usage\":true},",
                "say this again please"));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
    List<String> events = events(response);
    assertThat(events).hasSize(1 + 4 + 1 + 1 + 1).last().isEqualTo("[DONE]");
    assertThat(tree(events.getFirst()).at("/choices/0/delta/role").asString())
        .isEqualTo("assistant");
    assertThat(textOf(events.subList(1, 5))).isEqualTo("say this again please");
    assertThat(tree(events.get(4)).at("/usage").isNull()).isTrue();
    assertThat(tree(events.get(5)).at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    assertThat(tree(events.get(6)).at("/choices").isEmpty()).isTrue();
    assertThat(tree(events.get(6)).at("/usage/completion_tokens").asInt()).isEqualTo(4);
  }

  @Test
  void streamsWithoutUsageWhenNotAsked() throws Exception {
    Client client = start("--mode", "echo");

    List<String> events = events(client.post(CHAT, chatBody("\"stream\":true,", "a b")));

    assertThat(events).last().isEqualTo("[DONE]");
    assertThat(events).noneMatch(event -> event.contains("usage"));
  }

  @Test
  void streamsPlainCompletions() throws Exception {
    Client client = start("--mode", "echo");

    List<String> events =
        events(client.post("/v1/completions", "{\"stream\":true,\"prompt\":\"a b c\"}"));

    assertThat(tree(events.getFirst()).at("/object").asString()).isEqualTo("text_completion");
    String text =
        events.subList(0, events.size() - 1).stream()
            .map(event -> tree(event).at("/choices/0/text").asString())
            .collect(Collectors.joining());
    assertThat(text).isEqualTo("a b c");
  }

  @Test
  void answersWithRandomWordsOfTheRequestedLength() throws Exception {
    Client client = start("--random-tokens", "7");

    JsonNode limited = client.chat("\"max_tokens\":25,", "hello");
    JsonNode free = client.chat("", "hello");

    assertThat(limited.at("/usage/completion_tokens").asInt()).isEqualTo(25);
    assertThat(limited.at("/choices/0/finish_reason").asString()).isEqualTo("length");
    assertThat(limited.at("/choices/0/message/content").asString().split(" ")).hasSize(25);
    assertThat(free.at("/usage/completion_tokens").asInt()).isEqualTo(7);
    assertThat(free.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"one\"|1",
        "[\"one\",\"two\"]|2",
        "[1,2,3]|1",
        "[[1,2],[3],[4,5,6]]|3",
      })
  void answersEveryPromptOnItsOwn(String prompt, int choices) throws Exception {
    Client client = start("--mode", "echo");

    JsonNode answer = tree(client.post("/v1/completions", "{\"n\":2,\"prompt\":" + prompt + "}"));

    assertThat(answer.at("/choices").size()).isEqualTo(2 * choices);
    for (int i = 0; i < 2 * choices; i++) {
      assertThat(answer.at("/choices/" + i + "/index").asInt()).isEqualTo(i);
    }
  }

  @Test
  void servesBodiesOfMegabytes() throws Exception {
    Client client = start("--mode", "echo");
    String text = "word ".repeat(400_000);

    HttpResponse<String> whole = client.post(CHAT, chatBody("", text));
    HttpResponse<String> stream = client.post(CHAT, chatBody("\"stream\":true,", text));

    assertThat(tree(whole).at("/choices/0/message/content").asString()).isEqualTo(text);
    List<String> events = events(stream);
    assertThat(textOf(events.subList(1, events.size() - 2))).isEqualTo(text);
  }

  @Test
  void refusesABodyBeyondTheLimitAndServesTheNext() throws Exception {
    Client client = start("--mode", "echo", "--max-request-body-size-mb", "1");

    HttpResponse<String> refused = client.post(CHAT, chatBody("", "x".repeat(1_100_000)));

    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.headers().firstValue("x-inference-pod")).isPresent();
    assertThat(client.post(CHAT, chatBody("", "x")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"messages\":",
        "{}",
        "{\"messages\":[]}",
        "{\"messages\":7}",
        "{\"messages\":[{\"content\":\"secret\"}]}",
        "{\"messages\":[\"secret\"]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"n\":0}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"n\":1000}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"max_tokens\":0}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"max_tokens\":\"9\"}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"ignore_eos\":true}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"max_tokens\":2000000}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}] oops secret",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}],\"stream\":true,"
            + "\"kv_transfer_params\":{\"do_remote_decode\":true}}",
      })
  void refusesWhatIsNoRequestWithoutQuotingIt(String body) throws Exception {
    HttpResponse<String> refused = start().post(CHAT, body);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(tree(refused).at("/error/code").asInt()).isEqualTo(400);
    assertThat(tree(refused).at("/error/message").asString()).isNotBlank().doesNotContain("secret");
  }

  @Test
  void doesNotKnowOtherModels() throws Exception {
    HttpResponse<String> refused =
        start("--model", "m").post(CHAT, chatBody("\"model\":\"x\",", "hello"));

    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(tree(refused).at("/error/type").asString()).isEqualTo("NotFoundError");
    assertThat(tree(refused).at("/error/message").asString())
        .isEqualTo("The model `x` does not exist.");
  }

  @Test
  void sendsADecodeServerThePlaceOfThePrefill() throws Exception {
    JsonNode answer =
        start()
            .chat(
                "\"max_tokens\":1,\"kv_transfer_params\":{\"do_remote_decode\":true,"
                    + "\"remote_port\":null},",
                "hello");

    assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("remote_decode");
    assertThat(answer.at("/kv_transfer_params/do_remote_prefill").asBoolean()).isTrue();
    assertThat(answer.at("/kv_transfer_params/remote_block_ids/0").asString())
        .isEqualTo("DUMMY_ID");
    assertThat(answer.at("/kv_transfer_params/remote_port").asInt()).isEqualTo(1234);
  }

  @Test
  void endsBelowTheCacheThreshold() throws Exception {
    Client client = start();
    String text = "a b c d e f g h ".repeat(20);

    JsonNode cold = client.chat("\"cache_hit_threshold\":0.8,", text);
    JsonNode warm = client.chat("\"cache_hit_threshold\":0.8,", text);
    JsonNode forced =
        tree(client.post(CHAT, chatBody("", text), "X-Cache-Threshold-Finish-Reason", "true"));

    assertThat(cold.at("/choices/0/finish_reason").asString()).isEqualTo("cache_threshold");
    assertThat(warm.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    assertThat(forced.at("/choices/0/finish_reason").asString()).isEqualTo("cache_threshold");
    assertThat(forced.at("/choices/0/message/content").asString()).isEmpty();
  }

  @Test
  void takesAndGivesTokenIds() throws Exception {
    Client client = start("--mode", "echo");

    JsonNode rendered = tree(client.post("/v1/completions/render", "{\"prompt\":\"hello world\"}"));
    String ids = rendered.at("/0/token_ids").toString();
    JsonNode generated =
        tree(
            client.post(
                "/inference/v1/generate",
                "{\"token_ids\":"
                    + ids
                    + ",\"sampling_params\":{\"max_tokens\":5,\"extra_args\":"
                    + "{\"kv_transfer_params\":{\"do_remote_decode\":true}}}}"));

    assertThat(rendered.at("/0/token_ids").size()).isEqualTo(2);
    assertThat(generated.at("/choices/0/token_ids").toString()).isEqualTo(ids);
    assertThat(generated.at("/choices/0/finish_reason").asString()).isEqualTo("remote_decode");
    assertThat(generated.at("/request_id").asString()).isNotBlank();
  }

  @Test
  void findsTheWholeLastTurnInTheNextWhenAnswersAreCached() throws Exception {
    Client client = start("--cache-generated", "--block-size", "1");
    String question = "{\"role\":\"user\",\"content\":\"what is this?\"}";
    JsonNode first = tree(client.post(CHAT, "{\"max_tokens\":30,\"messages\":[" + question + "]}"));
    String answer = first.at("/choices/0/message").toString();

    JsonNode second =
        tree(
            client.post(
                CHAT,
                "{\"max_tokens\":1,\"messages\":["
                    + question
                    + ","
                    + answer
                    + ","
                    + question
                    + "]}"));

    assertThat(second.at("/usage/prompt_tokens_details/cached_tokens").asInt())
        .isEqualTo(first.at("/usage/total_tokens").asInt());
  }

  private static String textOf(List<String> events) {
    return events.stream()
        .map(event -> tree(event).at("/choices/0/delta/content").asString())
        .collect(Collectors.joining());
  }
}
