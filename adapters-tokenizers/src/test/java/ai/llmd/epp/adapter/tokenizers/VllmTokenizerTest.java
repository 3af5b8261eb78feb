package ai.llmd.epp.adapter.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.out.PromptTokenizer.Asked;
import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class VllmTokenizerTest {

  private static final String CHAT = FakeRenderer.CHAT;
  private static final String COMPLETIONS = "/v1/completions/render";
  private static final String MESSAGES = "/v1/messages/render";
  private static final String RESPONSES = "/v1/responses/render";
  private static final String GOOD = "{\"token_ids\":[1,2,4294967295],\"features\":null}";

  private final FakeRenderer renderer = new FakeRenderer().answer(CHAT, 200, GOOD);

  VllmTokenizerTest() throws IOException {}

  @AfterEach
  void close() {
    renderer.close();
  }

  @Test
  void rendersAChatFromTheClientsOwnBytes() throws InterruptedException {
    List<Tokens> tokens = render(settings(), ApiKind.CHAT_COMPLETIONS, "m", "{ \"z\":1.0 }");
    assertThat(tokens).hasSize(1);
    assertThat(tokens.getFirst().ids()).containsExactly(1, 2, -1);
    assertThat(renderer.asked).containsExactly(CHAT + " {\"return_mm_kwargs\":false, \"z\":1.0 }");
    assertThat(renderer.authorizations).containsExactly("Bearer t");
  }

  @Test
  void namesTheModelThatWillBeServed() throws InterruptedException {
    render(
        settings(),
        ApiKind.CHAT_COMPLETIONS,
        "other",
        "{\"model\":\"m\",\"return_mm_kwargs\":true}");
    assertThat(renderer.asked)
        .containsExactly(CHAT + " {\"model\":\"other\",\"return_mm_kwargs\":false}");
  }

  @Test
  void rendersSeveralCompletionsUnchanged() throws InterruptedException {
    renderer.answer(COMPLETIONS, 200, "[{\"token_ids\":[7]},{\"x\":{},\"token_ids\":[8,9]}]");
    String body = "{\"prompt\":[\"a\",\"b\"],  \"model\":\"m\"}";
    List<Tokens> tokens = render(settings(), ApiKind.COMPLETIONS, "m", body);
    assertThat(tokens).extracting(each -> each.ids().length).containsExactly(1, 2);
    assertThat(renderer.asked).containsExactly(COMPLETIONS + " " + body);
  }

  @Test
  void readsTheMediaOfAPrompt() throws InterruptedException {
    renderer.answer(
        CHAT,
        200,
        """
        {"kwargs_data":{"image":["long"]},"token_ids":[1],"features":{
          "mm_placeholders":{"image":[{"offset":9,"length":4},{"length":2,"offset":3}],"audio":[]},
          "mm_hashes":{"image":["h1","h2","h3"],"video":["v"],"audio":[null]}}}
        """);
    assertThat(render(settings(), ApiKind.CHAT_COMPLETIONS, "m", "{}").getFirst().features())
        .containsExactly(
            new Feature(Modality.IMAGE, "h2", 3, 2), new Feature(Modality.IMAGE, "h1", 9, 4));
  }

  @Test
  void rendersNativelyWhereTheRendererKnowsThePath() throws InterruptedException {
    renderer.answer(MESSAGES, 200, GOOD);
    try (VllmTokenizer tokenizer = tokenizer(settings(), List.of(renderer.uri()))) {
      tokenizer.tokenize(asked(ApiKind.MESSAGES, "m", "{\"a\":1}"));
      tokenizer.tokenize(asked(ApiKind.MESSAGES, "m", "{\"a\":1}"));
    }
    assertThat(renderer.asked).hasSize(3); // the first is a probe
    assertThat(renderer.asked.getFirst()).contains("probe");
    assertThat(renderer.asked.getLast())
        .isEqualTo(MESSAGES + " {\"return_mm_kwargs\":false,\"a\":1}");
  }

  @ParameterizedTest
  @CsvSource({"MESSAGES, 404", "MESSAGES, 405", "RESPONSES, 404", "RESPONSES, 501"})
  void rendersAsAChatWhereTheRendererDoesNot(ApiKind api, int status) throws InterruptedException {
    renderer.answer(MESSAGES, status, "{}").answer(RESPONSES, status, "{}");
    String body = "{\"input\":\"hi\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    assertThat(render(settings(), api, "other", body)).hasSize(1);
    assertThat(renderer.asked.getLast())
        .isEqualTo(
            CHAT
                + " {\"return_mm_kwargs\":false,\"model\":\"m\",\"messages\":"
                + "[{\"role\":\"user\",\"content\":\"hi\"}]}");
  }

  @Test
  void asksAgainHowToRenderWhenItCouldNotBeToldBefore() throws InterruptedException {
    renderer.answer(MESSAGES, 500, "{}");
    try (VllmTokenizer tokenizer = tokenizer(settings(), List.of(renderer.uri()))) {
      assertThatThrownBy(() -> tokenizer.tokenize(asked(ApiKind.MESSAGES, "m", "{}")))
          .hasMessageContaining("answered 500");
      renderer.answer(MESSAGES, 200, GOOD);
      assertThat(tokenizer.tokenize(asked(ApiKind.MESSAGES, "m", "{}"))).hasSize(1);
    }
  }

  @Test
  void asksForOneOutputTokenOnlyWhereThatIsConfigured() throws InterruptedException {
    var settings =
        new RenderSettings(
            "m",
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            null,
            RenderMode.AUTO,
            RenderMode.AUTO,
            true,
            false);
    render(
        settings,
        ApiKind.CHAT_COMPLETIONS,
        "m",
        "{\"max_completion_tokens\":90,\"min_tokens\":4,\"max_tokens\":70}");
    String truncated = "{\"max_tokens\":70,\"truncate_prompt_tokens\":9}";
    render(settings, ApiKind.CHAT_COMPLETIONS, "m", truncated);
    render(settings, ApiKind.CHAT_COMPLETIONS, "m", "{}");
    assertThat(renderer.asked)
        .containsExactly(
            CHAT + " {\"max_completion_tokens\":1,\"min_tokens\":0,\"max_tokens\":1}",
            CHAT + " " + truncated,
            CHAT + " {\"max_tokens\":1}");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void triesAnotherRendererOnce(int status) throws Exception {
    try (FakeRenderer other = new FakeRenderer().answer(CHAT, status, "{}");
        VllmTokenizer tokenizer = tokenizer(settings(), List.of(other.uri(), renderer.uri()))) {
      for (int i = 0; i < 4; i++) {
        assertThat(tokenizer.tokenize(asked(ApiKind.CHAT_COMPLETIONS, "m", "{}"))).hasSize(1);
      }
      assertThat(other.asked).hasSize(2);
      assertThat(renderer.asked).hasSize(4);
    }
  }

  @Test
  void triesAnotherRendererWhenOneIsFrozenOrGone() throws Exception {
    var settings =
        new RenderSettings(
            "m",
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(200),
            RenderMode.AUTO,
            RenderMode.AUTO,
            false,
            true);
    URI gone;
    try (FakeRenderer closed = new FakeRenderer()) {
      gone = closed.uri();
    }
    try (FakeRenderer frozen = new FakeRenderer();
        VllmTokenizer first = tokenizer(settings, List.of(frozen.uri(), renderer.uri()));
        VllmTokenizer second = tokenizer(settings, List.of(gone, renderer.uri()))) {
      frozen.isFrozen = true;
      assertThat(first.tokenize(asked(ApiKind.CHAT_COMPLETIONS, "m", "{}"))).hasSize(1);
      assertThat(second.tokenize(asked(ApiKind.CHAT_COMPLETIONS, "m", "{}"))).hasSize(1);
    }
  }

  @Test
  void otherAnswersAreFinal() throws Exception {
    try (FakeRenderer other = new FakeRenderer().answer(CHAT, 400, "{}");
        VllmTokenizer tokenizer = tokenizer(settings(), List.of(other.uri(), renderer.uri()))) {
      assertThatThrownBy(() -> tokenizer.tokenize(asked(ApiKind.CHAT_COMPLETIONS, "m", "{}")))
          .isInstanceOf(WithoutResultException.class)
          .hasMessage("was answered 400 by " + CHAT);
      assertThat(renderer.asked).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givesUpAfterItsTime(boolean hasBegunToAnswer) throws InterruptedException {
    renderer.isFrozen = !hasBegunToAnswer;
    renderer.isEndless = hasBegunToAnswer;
    var settings =
        new RenderSettings(
            "m",
            Duration.ofMillis(100),
            Duration.ofMillis(50),
            null,
            RenderMode.AUTO,
            RenderMode.AUTO,
            false,
            true);
    assertThatThrownBy(() -> render(settings, ApiKind.CHAT_COMPLETIONS, "m", "{}"))
        .hasMessage("was not answered in time");
  }

  @Test
  void needsARenderer() {
    assertThatThrownBy(
            () ->
                tokenizer(settings(), List.of())
                    .tokenize(asked(ApiKind.CHAT_COMPLETIONS, "m", "{}")))
        .hasMessage("has no renderer to ask");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{}",
        "{\"token_ids\":[1",
        "{\"token_ids\":[-1]}",
        "{\"token_ids\":[1.5]}",
        "{\"token_ids\":[4294967296]}",
        "{\"token_ids\":[\"1\"]}"
      })
  void anAnswerWithoutTokensIsNone(String answer) {
    renderer.answer(CHAT, 200, answer);
    assertThatThrownBy(() -> render(settings(), ApiKind.CHAT_COMPLETIONS, "m", "{}"))
        .hasMessage("cannot read the renderer's answer");
  }

  private static RenderSettings settings() {
    return RenderSettings.ofModel("m");
  }

  private static VllmTokenizer tokenizer(RenderSettings settings, List<URI> renderers) {
    return new VllmTokenizer(settings, () -> renderers, RenderTls.DEFAULT, System::nanoTime);
  }

  private List<Tokens> render(RenderSettings settings, ApiKind api, String model, String body)
      throws InterruptedException {
    try (VllmTokenizer tokenizer = tokenizer(settings, List.of(renderer.uri()))) {
      return tokenizer.tokenize(asked(api, model, body));
    }
  }

  private static Asked asked(ApiKind api, String model, String body) {
    return new Asked(api, "m", model, body.getBytes(StandardCharsets.UTF_8), "Bearer t");
  }
}
