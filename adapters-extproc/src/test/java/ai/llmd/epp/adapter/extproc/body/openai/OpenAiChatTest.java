package ai.llmd.epp.adapter.extproc.body.openai;

import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.TextBytes;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.PromptPiece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of a chat, and the optional fields beside them. */
class OpenAiChatTest {

  private static final String CHAT = "/v1/chat/completions";
  private static final String NO_MESSAGES =
      "invalid chat completions request: must have valid messages field";

  private final OpenAiParser parser = new OpenAiParser();

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

  @Test
  void writesToolsNestedAsDeeplyAsAllowed() {
    String tools = "[".repeat(9_999) + "]".repeat(9_999);
    ParsedBody body = parsed(parser, CHAT, "{\"messages\":[{}],\"tools\":" + tools + "}");
    assertThat(texts(body)).containsExactly(tools);
  }
}
