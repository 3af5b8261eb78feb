package ai.llmd.epp.adapter.extproc.body.openai;

import static ai.llmd.epp.adapter.extproc.body.Parsers.assertSurvives;
import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.EditedBody;
import ai.llmd.epp.adapter.extproc.body.Parsers;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.json.RandomJson;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiParserTest {

  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETIONS = "/v1/completions";
  private static final String EMBEDDINGS = "/v1/embeddings";

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
