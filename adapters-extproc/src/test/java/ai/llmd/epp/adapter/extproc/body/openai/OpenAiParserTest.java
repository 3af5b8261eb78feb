package ai.llmd.epp.adapter.extproc.body.openai;

import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.llmd.epp.adapter.extproc.body.Parsers;
import ai.llmd.epp.adapter.extproc.body.TextBytes;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.json.RandomJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiParserTest {

  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETIONS = "/v1/completions";
  private static final String NO_MESSAGES =
      "invalid chat completions request: must have valid messages field";
  private static final String NO_PROMPT = "invalid completions request: must have prompt field";

  private final OpenAiParser parser = new OpenAiParser();

  @ParameterizedTest
  @CsvSource({
    "/v1/conversations, CONVERSATIONS",
    "/v1/responses/, RESPONSES",
    "/foochat/completions, CHAT_COMPLETIONS",
    "/v1/chat/completions/render, CHAT_COMPLETIONS",
    "/v1/completions/render, COMPLETIONS",
    "/v1/embeddings, EMBEDDINGS",
    "/v1/images/generations, IMAGES",
    "/anything, COMPLETIONS",
  })
  void takesTheApiFromThePath(String path, ApiKind api) {
    String body = "{\"items\":[{}],\"input\":\"i\",\"messages\":[{}],\"prompt\":\"p\"}";
    assertThat(parsed(parser, path, body).api()).isEqualTo(api);
  }

  @Test
  void findsFieldsInAnyCaseButModelStreamAndCapsOnlyInTheirs() {
    ParsedBody body =
        parsed(
            parser,
            CHAT,
            "{\"MESSAGES\":[{\"Role\":\"user\",\"cOntent\":\"hi\"}],\"Cache_Salt\":\"s\","
                + "\"Model\":\"m\",\"Stream\":true,\"Max_Tokens\":3}");
    assertThat(texts(body)).containsExactly("user", "hi");
    assertThat(body.cacheSalt()).isEqualTo("s");
    assertThat(body.model()).isEmpty();
    assertThat(body.isStreaming()).isFalse();
    assertThat(body.outputTokenCap()).isEqualTo(-1);
  }

  @Test
  void readsEscapedKeys() {
    ParsedBody body =
        parsed(parser, COMPLETIONS, "{\"m\\u006fdel\":\"m\",\"pr\\u006fmpt\":\"hi\"}");
    assertThat(body.model()).isEqualTo("m");
    assertThat(texts(body)).containsExactly("hi");
  }

  @Test
  void believesTheLastOfRepeatedKeys() {
    ParsedBody body =
        parsed(
            parser,
            CHAT,
            "{\"model\":\"a\",\"messages\":[{\"role\":\"x\",\"content\":\"1\"}],\"stream\":true,"
                + "\"max_tokens\":1,\"model\":\"b\",\"stream\":false,\"max_tokens\":\"no\","
                + "\"messages\":[{\"content\":\"2\",\"content\":\"3\",\"role\":\"y\"}]}");
    assertThat(body.model()).isEqualTo("b");
    assertThat(body.isStreaming()).isFalse();
    assertThat(body.outputTokenCap()).isEqualTo(-1);
    assertThat(texts(body)).containsExactly("y", "3");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "7.0, 7",
    "1e3, 1000",
    "-1, -1",
    "1.5, -1",
    "null, -1",
    "true, -1",
    "1e999, -1",
  })
  void takesOnlyWholeNumbersAsCaps(String number, long cap) {
    String body = "{\"prompt\":\"p\",\"max_tokens\":" + number + "}";
    assertThat(parsed(parser, COMPLETIONS, body).outputTokenCap()).isEqualTo(cap);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":null}",
        "{\"messages\":{}}",
        "{\"messages\":[1]}",
        "{\"messages\":[{\"role\":5}]}",
        "{\"messages\":[{\"content\":true}]}",
        "{\"messages\":[{\"content\":{}}]}",
        "{\"messages\":[{\"content\":[\"text\"]}]}",
        "{\"messages\":[{\"content\":[{\"type\":1}]}]}",
        "{\"messages\":[{\"content\":[{\"input_audio\":\"x\"}]}]}",
        "{\"messages\":[{\"content\":[{\"video_url\":{\"url\":1}}]}]}",
        "{\"messages\":[{\"tool_calls\":{}}]}",
        "{\"messages\":[{}],\"tools\":{}}",
        "{\"messages\":[{}],\"documents\":\"d\"}",
        "{\"messages\":[{}],\"chat_template\":1}",
        "{\"messages\":[{}],\"chat_template_kwargs\":[]}",
        "{\"messages\":[{}],\"add_generation_prompt\":\"true\"}",
        "{\"messages\":[{}],\"cache_salt\":1}",
        "{\"messages\":5,\"messages\":[{}]}",
        "null",
      })
  void refusesChatsWithFieldsOfTheWrongType(String body) {
    assertThat(error(parser, CHAT, body)).isEqualTo(NO_MESSAGES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":[null]}",
        "{\"messages\":[{\"role\":null,\"content\":null,\"tool_calls\":null}]}",
        "{\"messages\":[{\"content\":[null,{\"image_url\":null,\"text\":null}]}]}",
        "{\"messages\":[{}],\"tools\":null,\"documents\":null,\"chat_template\":null}",
        "{\"messages\":[{}],\"continue_final_message\":null,\"chat_template_kwargs\":null}",
      })
  void acceptsNullForAnyFieldOfAChat(String body) {
    assertThat(texts(parsed(parser, CHAT, body))).isEmpty();
  }

  @Test
  void leavesOutPartsOfUnknownTypesAndEmptyTexts() {
    ParsedBody body =
        parsed(
            parser,
            CHAT,
            "{\"messages\":[{\"content\":[{\"text\":\"a\",\"type\":\"text\"},{\"text\":\"b\"},"
                + "{\"type\":\"text\",\"text\":\"\"},{\"type\":\"t\\u0065xt\",\"text\":\"c\"}],"
                + "\"role\":\"user\"}],\"tools\":[]}");
    assertThat(texts(body)).containsExactly("user", "a", "c");
  }

  @Test
  void joinsAnAudiosDataAndFormat() {
    ParsedBody body =
        parsed(
            parser,
            CHAT,
            "{\"messages\":[{\"content\":[{\"type\":\"audio_url\","
                + "\"input_audio\":{\"format\":\"wav\",\"data\":\"QUJD\"}}]}]}");
    PromptPiece piece = body.prompts().getFirst().pieces().getFirst();
    assertThat(((PromptPiece.Asset) piece).modality()).isEqualTo(PromptPiece.Modality.AUDIO);
    assertThat(TextBytes.string(((PromptPiece.Asset) piece).content())).isEqualTo("QUJDwav");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[null]",
        "[1,\"a\"]",
        "[-1]",
        "[4294967296]",
        "[1.5]",
        "[[1]]",
        "{}",
        "true",
        "[1,null]",
      })
  void refusesPromptsOfAnyOtherShape(String prompt) {
    assertThat(error(parser, COMPLETIONS, "{\"prompt\":" + prompt + "}")).isEqualTo(NO_PROMPT);
  }

  @Test
  void readsTokenIdsInEverySpellingOfAnUnsignedInteger() {
    ParsedBody body = parsed(parser, COMPLETIONS, "{\"prompt\":[0,1.0,1e2,4294967295,-0]}");
    PromptPiece piece = body.prompts().getFirst().pieces().getFirst();
    assertThat(((PromptPiece.TokenIds) piece).ids()).containsExactly(0, 1, 100, -1, 0);
  }

  @Test
  void acceptsAnArrayWithOneEmptyString() {
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":[\"\"]}").prompts())
        .containsExactly(new Prompt(List.of()));
  }

  @Test
  void routesTooManyPromptsWithoutReadingThem() {
    String most = "[" + "\"a\",".repeat(PromptInput.MAX_TEXTS - 1) + "\"a\"";
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":" + most + "]}").prompts())
        .hasSize(PromptInput.MAX_TEXTS);
    assertThat(parsed(parser, COMPLETIONS, "{\"prompt\":" + most + ",\"a\"]}").prompts()).isEmpty();
    assertThat(error(parser, COMPLETIONS, "{\"prompt\":" + most + ",\"a\",1]}"))
        .isEqualTo(NO_PROMPT);
  }

  @Test
  void writesResponsesAsAListOfWhatIsThere() {
    String body = "{\"tools\":null,\"input\":[{\"b\":1.0,\"a\":\"<\"}],\"instructions\":\"x\"}";
    assertThat(String.join("", texts(parsed(parser, "/v1/responses", body))))
        .isEqualTo("[{\"instructions\":\"x\"},{\"input\":[{\"a\":\"\\u003c\",\"b\":1}]}]");
  }

  @Test
  void writesConversationItemsWithTheirKnownFieldsOnly() {
    String body =
        "{\"items\":[{\"content\":\"\",\"id\":1,\"role\":\"\",\"type\":\"message\"},null,"
            + "{\"role\":\"r\",\"content\":null}],\"metadata\":{\"k\":1}}";
    assertThat(String.join("", texts(parsed(parser, "/v1/conversations", body))))
        .isEqualTo("[{\"type\":\"message\",\"content\":\"\"},{},{\"role\":\"r\"}]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/responses|{\"input\":null}|invalid responses request: must have input field",
        "/v1/conversations|{\"items\":[{}],\"metadata\":[]}|"
            + "invalid conversations request: must have items field",
        "/v1/conversations|{\"items\":[{\"type\":1}]}|"
            + "invalid conversations request: must have items field",
        "/v1/images/generations|{\"prompt\":\"p\",\"n\":1.5}|"
            + "invalid images generations request: must have prompt field",
        "/v1/images/generations|{\"prompt\":\"p\",\"size\":1}|"
            + "invalid images generations request: must have prompt field",
        "/v1/embeddings|{\"input\":null}|invalid embeddings request: must have input field",
        "/v1/chat/completions|\"x\"|error unmarshaling request bodyMap: json: cannot unmarshal"
            + " string into Go value of type map[string]interface {}",
        "/v1/chat/completions|{\"messages\":5} x|error unmarshaling request bodyMap: invalid"
            + " character 'x' after top-level value",
      })
  void reportsWhatIsWrong(String path, String body, String error) {
    assertThat(error(parser, path, body)).isEqualTo(error);
  }

  @Test
  void refusesDeepNestingWithoutLosingItsStack() {
    for (String open : new String[] {"[", "{\"a\":"}) {
      assertThat(error(parser, CHAT, "{\"messages\":" + open.repeat(1_000_000)))
          .isEqualTo("error unmarshaling request bodyMap: exceeded max depth");
    }
  }

  @Test
  void writesToolsNestedAsDeeplyAsAllowed() {
    String tools = "[".repeat(9_999) + "]".repeat(9_999);
    ParsedBody body = parsed(parser, CHAT, "{\"messages\":[{}],\"tools\":" + tools + "}");
    assertThat(texts(body)).containsExactly(tools);
  }

  @Test
  void readsSixtyFourMebibytes() {
    byte[] head =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
            .getBytes(StandardCharsets.UTF_8);
    byte[] tail = "\"}]}".getBytes(StandardCharsets.UTF_8);
    byte[] body = new byte[64 << 20];
    Arrays.fill(body, (byte) 'x');
    System.arraycopy(head, 0, body, 0, head.length);
    System.arraycopy(tail, 0, body, body.length - tail.length, tail.length);
    var parsed = (ParseOutcome.Parsed) Parsers.parse(parser, CHAT, body);
    var content = (PromptPiece.Text) parsed.body().prompts().getFirst().pieces().getLast();
    assertThat(content.utf8().byteLength()).isEqualTo(body.length - head.length - tail.length);
    content.utf8().writeTo((bytes, offset, length) -> assertThat(bytes).isSameAs(body));
  }

  @Test
  void readsOnlyAsFarAsTheBodyReaches() {
    byte[] array = "{\"prompt\":\"p\"}garbage".getBytes(StandardCharsets.UTF_8);
    assertThat(parser.parse(COMPLETIONS, RequestHeaders.NONE, array, array.length - 7))
        .isInstanceOf(ParseOutcome.Parsed.class);
  }

  @RepeatedTest(200)
  void survivesDamagedBodies(RepetitionInfo round) {
    RandomJson random = new RandomJson(round.getCurrentRepetition());
    String body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
            + "\"text\":\"h\\u00e9 \\ud83d\\ude80\"},{\"type\":\"image_url\",\"image_url\":"
            + "{\"url\":\"u\"}}]}],\"tools\":[{\"b\":1.5e3,\"a\":\"<\"}],\"stream\":true,"
            + "\"items\":[{\"type\":\"t\",\"content\":{}}],\"input\":[\"x\",\"y\"],"
            + "\"prompt\":[1,2,3],\"x\":"
            + random.next()
            + "}";
    for (OpenAiApi api : OpenAiApi.values()) {
      for (int i = 0; i < 10; i++) {
        byte[] damaged = random.damaged(body);
        String path = "/v1/" + api.suffixes().getFirst();
        assertThatCode(() -> use(Parsers.parse(parser, path, damaged)))
            .as(new String(damaged, StandardCharsets.UTF_8))
            .doesNotThrowAnyException();
      }
    }
  }

  private static void use(ParseOutcome outcome) {
    if (outcome instanceof ParseOutcome.Parsed(ParsedBody body)) {
      texts(body);
    }
  }
}
