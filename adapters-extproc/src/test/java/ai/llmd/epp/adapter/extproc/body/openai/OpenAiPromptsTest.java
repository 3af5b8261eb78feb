package ai.llmd.epp.adapter.extproc.body.openai;

import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.tokenIds;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.Prompt;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts, inputs and what may stand for them. */
class OpenAiPromptsTest {

  private static final String COMPLETIONS = "/v1/completions";
  private static final String EMBEDDINGS = "/v1/embeddings";
  private static final String NO_INPUT = "invalid embeddings request: must have input field";
  private static final String NO_PROMPT = "invalid completions request: must have prompt field";

  private final OpenAiParser parser = new OpenAiParser();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "\"\"",
        "[]",
        "5",
        "-1e999",
        "[1,\"a\"]",
        "[\"a\",1]",
        "[-1]",
        "[4294967296]",
        "[1.5]",
      })
  void refusesPromptsThatHoldNothingOrNumbersThatAreNoTokens(String prompt) {
    assertThat(error(parser, COMPLETIONS, "{\"prompt\":" + prompt + "}")).isEqualTo(NO_PROMPT);
    assertThat(error(parser, EMBEDDINGS, "{\"input\":" + prompt + "}")).isEqualTo(NO_INPUT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "true",
        "[null]",
        "[1,null]",
        "[\"a\",null]",
        "[\"a\",[1]]",
        "[1,[2]]",
        "[[1],2]",
        "[[1],\"a\"]",
        "[[1],[\"a\"]]",
        "[[1],[1.5]]",
        "[[-1]]",
        "[[[1]]]",
        "[[]]",
        "[{\"prompt\":\"a\"}]",
        "[{\"role\":\"user\",\"content\":\"hi\"}]",
        "{\"prompt_token_ids\":[1]}",
      })
  void routesPromptsOfAnyOtherShapeWithoutOne(String prompt) {
    String completion = "{\"model\":\"m\",\"prompt\":" + prompt + ",\"max_tokens\":2}";
    assertThat(parsed(parser, COMPLETIONS, completion).prompts()).isEmpty();
    assertThat(parsed(parser, COMPLETIONS, completion).outputTokenCap()).isEqualTo(2);
    String embedding = "{\"model\":\"m\",\"input\":" + prompt + "}";
    assertThat(parsed(parser, EMBEDDINGS, embedding).prompts()).isEmpty();
    assertThat(parsed(parser, EMBEDDINGS, embedding).model()).isEqualTo("m");
  }

  @Test
  void takesEachArrayOfTokenIdsForAPromptLikeASingleOne() {
    String arrays = "[[791,20111],[],[4438,1690,83494]]";
    for (ParsedBody body :
        List.of(
            parsed(parser, COMPLETIONS, "{\"prompt\":" + arrays + "}"),
            parsed(parser, EMBEDDINGS, "{\"input\":" + arrays + "}"))) {
      assertThat(body.prompts()).hasSize(2);
      assertThat(tokenIds(body, 0)).containsExactly(791, 20111);
      assertThat(tokenIds(body, 1)).containsExactly(4438, 1690, 83494);
    }
    assertThat(tokenIds(parsed(parser, EMBEDDINGS, "{\"input\":[791,20111]}"), 0))
        .containsExactly(791, 20111);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/completions|{\"prompt\":\"\",\"prompt_embeds\":\"UEsDBA==\"}",
        "/v1/completions|{\"prompt_embeds\":[\"UEsDBA==\"],\"prompt\":null}",
        "/v1/completions|{\"prompt\":5,\"prompt_embeds\":{}}",
        "/v1/embeddings|{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "/v1/embeddings|{\"messages\":[{}],\"input\":null}",
        "/v1/responses|{\"previous_response_id\":\"resp_7\"}",
        "/v1/responses|{\"prompt\":{\"id\":\"pmpt_7\"},\"input\":null}",
        "/v1/responses|{\"conversation\":\"conv_7\",\"instructions\":\"be kind\"}",
        "/v1/responses|{\"conversation\":{\"id\":\"conv_7\"},\"tools\":{}}",
      })
  void routesWhatStandsForTheMainFieldWithoutAPrompt(String path, String body) {
    assertThat(parsed(parser, path, body).prompts()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/completions|{\"prompt\":\"\",\"prompt_embeds\":\"\"}",
        "/v1/completions|{\"prompt_embeds\":null}",
        "/v1/completions|{\"messages\":[{}]}",
        "/v1/embeddings|{\"messages\":[]}",
        "/v1/embeddings|{\"prompt\":\"p\"}",
        "/v1/responses|{\"previous_response_id\":null,\"prompt\":null,\"conversation\":\"\"}",
        "/v1/responses|{\"messages\":[{}]}",
        "/v1/images/generations|{\"prompt\":\"\"}",
        "/v1/images/generations|{\"prompt\":null}",
      })
  void refusesWhatHoldsNothing(String path, String body) {
    assertThat(error(parser, path, body)).startsWith("invalid ").contains("must have");
  }

  @Test
  void prefersThePromptToWhatMayStandForIt() {
    assertThat(texts(parsed(parser, COMPLETIONS, "{\"prompt_embeds\":\"UEsD\",\"prompt\":\"hi\"}")))
        .containsExactly("hi");
    assertThat(
            String.join(
                "",
                texts(
                    parsed(
                        parser,
                        "/v1/responses",
                        "{\"previous_response_id\":\"r\",\"input\":\"hi\"}"))))
        .isEqualTo("[{\"input\":\"hi\"}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[\"a\"]", "{\"text\":\"a\"}", "5", "\"a\"", "\"a\",\"n\":1.5,\"size\":[1]"})
  void routesImagesOfAnyPrompt(String prompt) {
    assertThat(parsed(parser, "/v1/images/generations", "{\"prompt\":" + prompt + "}").prompts())
        .isEmpty();
  }

  @Test
  void readsTokenIdsInEverySpellingOfAnUnsignedInteger() {
    ParsedBody body = parsed(parser, COMPLETIONS, "{\"prompt\":[0,1.0,1e2,4294967295,-0]}");
    assertThat(tokenIds(body, 0)).containsExactly(0, 1, 100, -1, 0);
  }

  @Test
  void acceptsAnArrayWithOneEmptyString() {
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":[\"\"]}").prompts())
        .containsExactly(new Prompt(List.of()));
  }

  @Test
  void routesTooManyPromptsWithoutReadingThem() {
    String most = "[" + "\"a\",".repeat(PromptInput.MAX_PROMPTS - 1) + "\"a\"";
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":" + most + "]}").prompts())
        .hasSize(PromptInput.MAX_PROMPTS);
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":" + most + ",\"a\"]}").prompts()).isEmpty();
    assertThat(error(parser, COMPLETIONS, "{\"prompt\":" + most + ",\"a\",1]}"))
        .isEqualTo(NO_PROMPT);
    String arrays = most.replace("\"a\"", "[7]");
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":" + arrays + "]}").prompts())
        .hasSize(PromptInput.MAX_PROMPTS);
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":" + arrays + ",[7]]}").prompts()).isEmpty();
  }
}
