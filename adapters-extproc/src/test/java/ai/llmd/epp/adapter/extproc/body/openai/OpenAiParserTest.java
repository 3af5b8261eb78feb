package ai.llmd.epp.adapter.extproc.body.openai;

import static ai.llmd.epp.adapter.extproc.body.Parsers.assertSurvives;
import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.tokenIds;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.EditedBody;
import ai.llmd.epp.adapter.extproc.body.Parsers;
import ai.llmd.epp.adapter.extproc.body.TextBytes;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.json.RandomJson;
import com.google.protobuf.ByteString;
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
  private static final String EMBEDDINGS = "/v1/embeddings";
  private static final String NO_INPUT = "invalid embeddings request: must have input field";
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
        "{}",
        "{\"messages\":null}",
        "{\"messages\":[]}",
        "{\"messages\":\"\"}",
        "{\"messages\":[{}],\"messages\":null}",
        "{\"messages\":[{\"content\":5}]}",
        "{\"messages\":[{\"content\":\"hi\"},{\"content\":[],\"content\":1e999}]}",
        "null",
      })
  void refusesChatsWithoutMessagesOrWithANumberAsContent(String body) {
    assertThat(error(parser, CHAT, body)).isEqualTo(NO_MESSAGES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"role\":\"user\"}", "\"hi\"", "true", "7", "-1e999"})
  void routesMessagesThatAreNoListWithoutAPrompt(String messages) {
    ParsedBody body =
        parsed(
            parser,
            CHAT,
            "{\"model\":\"m\",\"tools\":[{}],\"messages\":"
                + messages
                + ",\"stream\":true,\"max_tokens\":3}");
    assertThat(body.prompts()).isEmpty();
    assertThat(body.model()).isEqualTo("m");
    assertThat(body.isStreaming()).isTrue();
    assertThat(body.outputTokenCap()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "[]",
        "\"text\"",
        "{\"role\":5}",
        "{\"role\":[\"x\"]}",
        "{\"content\":true}",
        "{\"content\":{\"type\":\"text\",\"text\":\"x\"}}",
        "{\"content\":5,\"content\":null}",
        "{\"content\":[1,null,true,[\"x\"]]}",
        "{\"content\":[{\"type\":1,\"text\":\"x\"}]}",
        "{\"content\":[{\"type\":\"text\",\"text\":{\"value\":\"x\"}}]}",
        "{\"content\":[{\"type\":\"image_url\",\"image_url\":7}]}",
        "{\"content\":[{\"type\":\"image_url\",\"image_url\":[\"u\"]}]}",
        "{\"content\":[{\"type\":\"video_url\",\"video_url\":{\"url\":1}}]}",
        "{\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":[],\"format\":\"wav\"}}]}",
        "{\"content\":[{\"type\":\"input_audio\",\"input_audio\":false}]}",
        "{\"content\":[{\"image_url\":1e999}]}",
        "{\"tool_calls\":{}}",
        "{\"tool_calls\":\"x\"}",
      })
  void countsAMessageThatIsNotUnderstoodAsOneWithoutText(String message) {
    String body =
        "{\"messages\":[{\"content\":\"before\"}," + message + ",{\"content\":\"after\"}]}";
    assertThat(texts(parsed(parser, CHAT, body))).containsExactly("before", "after");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tools\":{}",
        "\"tools\":\"t\"",
        "\"tools\":7",
        "\"documents\":\"d\"",
        "\"chat_template\":1",
        "\"chat_template_kwargs\":[]",
        "\"add_generation_prompt\":\"true\"",
        "\"continue_final_message\":2",
        "\"return_assistant_tokens_mask\":{}",
        "\"cache_salt\":1",
        "\"cache_salt\":[\"s\"]",
        "\"stream\":\"yes\"",
        "\"max_tokens\":1e999",
        "\"seed\":123456789012345678901234567890",
      })
  void takesAnOptionalFieldOfTheWrongTypeForMissing(String field) {
    ParsedBody body = parsed(parser, CHAT, "{\"messages\":[{\"content\":\"hi\"}]," + field + "}");
    assertThat(texts(body)).containsExactly("hi");
    assertThat(body.cacheSalt()).isEmpty();
    assertThat(body.isStreaming()).isFalse();
    assertThat(body.outputTokenCap()).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"image_url\",\"image_url\":\"u\"}|IMAGE:u",
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}|IMAGE:u",
        "{\"image_url\":\"u\"}|IMAGE:u",
        "{\"image_url\":{\"url\":\"u\"}}|IMAGE:u",
        "{\"type\":null,\"image_url\":\"u\"}|IMAGE:u",
        "{\"image_url\":7,\"image_url\":\"u\"}|IMAGE:u",
        "{\"video_url\":\"u\",\"type\":\"video_url\"}|VIDEO:u",
        "{\"video_url\":\"u\"}|VIDEO:u",
        "{\"type\":\"audio_url\",\"audio_url\":\"u\"}|AUDIO:u",
        "{\"type\":\"audio_url\",\"audio_url\":{\"url\":\"u\"}}|AUDIO:u",
        "{\"audio_url\":\"u\"}|AUDIO:u",
        "{\"type\":\"input_audio\",\"input_audio\":\"u\"}|AUDIO:u",
        "{\"input_audio\":{\"data\":\"u\",\"format\":\"wav\"}}|AUDIO:uwav",
        "\"u\"|u",
      })
  void readsAnAddressThatStandsAloneAsTheAssetItself(String part, String piece) {
    String body =
        "{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}," + part + "]}]}";
    assertThat(texts(parsed(parser, CHAT, body))).containsExactly("a", piece);
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
      strings = {
        "{}",
        " { } ",
        "{\"items\":[]}",
        "{\"items\":null,\"metadata\":null}",
        "{\"items\":{},\"metadata\":[]}",
        "{\"items\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}]}",
      })
  void leavesAConversationThatNamesNoModelAsItIs(String body) {
    ParsedBody conversation = parsed(parser, "/v1/conversations", body);
    assertThat(conversation.prompts()).isEmpty();
    assertThat(conversation.modelRenaming()).isSameAs(ModelRenaming.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "\"x\"", ""})
  void refusesConversationsThatAreNoObject(String body) {
    assertThat(error(parser, "/v1/conversations", body)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[\"a\"]", "{\"text\":\"a\"}", "5", "\"a\"", "\"a\",\"n\":1.5,\"size\":[1]"})
  void routesImagesOfAnyPrompt(String prompt) {
    assertThat(parsed(parser, "/v1/images/generations", "{\"prompt\":" + prompt + "}").prompts())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {CHAT, COMPLETIONS, EMBEDDINGS, "/v1/responses", "/v1/conversations"})
  void readsBehindAByteOrderMarkAndLeavesItInPlace(String path) {
    String body =
        "\uFEFF"
            + " {\"model\":\"old\",\"messages\":[{\"content\":\"hi\"}],\"prompt\":\"hi\",\"input\":\"hi\"}";
    ParsedBody parsed = parsed(parser, path, body);
    assertThat(parsed.model()).isEqualTo("old");
    ByteString renamed =
        EditedBody.of(ByteString.copyFromUtf8(body), parsed.modelRenaming().edits("new"));
    assertThat(renamed.toStringUtf8()).isEqualTo(body.replace("old", "new"));
  }

  @Test
  void putsAMissingModelBehindTheByteOrderMark() {
    String body = "\uFEFF{\"input\":\"hi\"}";
    ByteString named =
        EditedBody.of(
            ByteString.copyFromUtf8(body),
            parsed(parser, "/v1/responses", body).modelRenaming().edits("m"));
    assertThat(named.toStringUtf8()).isEqualTo("\uFEFF{\"model\":\"m\",\"input\":\"hi\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uFEFF", "\uFEFF\uFEFF{}", " \uFEFF{}", "{}\uFEFF"})
  void takesNoOtherByteOrderMark(String body) {
    assertThat(error(parser, CHAT, body)).startsWith("error unmarshaling request bodyMap: ");
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
            + "{\"role\":\"r\",\"content\":null,\"type\":1}],\"metadata\":{\"k\":1},\"model\":\"m\"}";
    assertThat(String.join("", texts(parsed(parser, "/v1/conversations", body))))
        .isEqualTo("[{\"type\":\"message\",\"content\":\"\"},{},{\"role\":\"r\"}]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/v1/responses|{\"input\":null}|invalid responses request: must have input field",
        "/v1/conversations|null|invalid conversations request: must have items field",
        "/v1/images/generations|{\"n\":1}|"
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
        assertSurvives(parser, path, damaged);
      }
    }
  }
}
