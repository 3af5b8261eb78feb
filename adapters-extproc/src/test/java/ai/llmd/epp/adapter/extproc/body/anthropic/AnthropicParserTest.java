package ai.llmd.epp.adapter.extproc.body.anthropic;

import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.llmd.epp.adapter.extproc.body.Parsers;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.json.RandomJson;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnthropicParserTest {

  private static final String PATH = "/v1/messages";
  private static final String WRONG_CONTENT =
      "error parsing messages request: "
          + "anthropic content: must be a string or an array of content blocks";

  private final AnthropicParser parser = new AnthropicParser();

  @Test
  void passesTokenCountingOnUnreadAndSkipsItsResponse() {
    ParsedBody body = parsed(parser, "/v1/messages/count_tokens", "no json");
    assertThat(body.skipsResponse()).isTrue();
    assertThat(body.modelRenaming()).isSameAs(ModelRenaming.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/messages/", "/v1/mymessages", "messages", "/messages/count_tokens/"})
  void refusesPathsThatOnlyResembleItsOwn(String path) {
    assertThat(error(parser, path, "{}")).isEqualTo("unsupported API endpoint: " + path);
  }

  @Test
  void reportsABodyThatIsNoObject() {
    assertThat(error(parser, PATH, "[]"))
        .isEqualTo(
            "error unmarshaling request body: json: cannot unmarshal array into Go value of type"
                + " map[string]interface {}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":[{\"content\":true}]}",
        "{\"messages\":[{\"content\":[{\"text\":1}]}]}",
        "{\"messages\":[{\"content\":[5]}]}",
        "{\"messages\":[{\"content\":[{\"type\":\"tool_result\",\"content\":{}}]}]}",
        "{\"messages\":[{}],\"system\":{}}",
      })
  void refusesContentOfTheWrongShape(String body) {
    assertThat(error(parser, PATH, body)).isEqualTo(WRONG_CONTENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":{}}",
        "{\"messages\":[{\"role\":1}]}",
        "{\"messages\":[{}],\"tools\":{}}",
        "{\"messages\":[{}],\"tools\":[{\"strict\":1}]}",
        "{\"messages\":[{}],\"cache_salt\":[]}",
      })
  void refusesOtherFieldsOfTheWrongType(String body) {
    assertThat(error(parser, PATH, body))
        .isEqualTo("error parsing messages request: json: a field has the wrong type");
  }

  @Test
  void readsToolsThenSystemThenMessagesWhereverTheyStand() {
    ParsedBody body =
        parsed(
            parser,
            PATH,
            "{\"messages\":[{\"content\":\"hi\",\"role\":\"user\"}],"
                + "\"system\":[{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: 1\"},"
                + "{\"type\":\"text\",\"text\":\"be kind\"},{\"type\":\"image\"}],"
                + "\"tools\":[{\"defer_loading\":false,\"input_schema\":{\"b\": \"<\", \"a\": 1.0},"
                + "\"description\":\"\",\"name\":\"t\"},{}],\"cache_salt\":\"s\"}");
    assertThat(String.join("", texts(body)))
        .isEqualTo(
            "[{\"name\":\"t\",\"input_schema\":{\"b\":\"\\u003c\",\"a\":1.0},"
                + "\"defer_loading\":false},{\"name\":\"\"}]be kinduserhi");
    assertThat(body.cacheSalt()).isEqualTo("s");
  }

  @Test
  void readsBlocksOfEveryKind() {
    ParsedBody body =
        parsed(
            parser,
            PATH,
            "{\"messages\":[{\"role\":\"u\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                + "{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"n\",\"input\":{\"b\":"
                + " 1.0}},{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"http://x\"}},"
                + "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"QQ==\"}},"
                + "{\"type\":\"tool_result\",\"tool_use_id\":\"i\",\"content\":["
                + "{\"type\":\"text\",\"text\":\"l1\"},"
                + "{\"type\":\"image\",\"source\":{\"data\":\"Qg==\"}},"
                + "{\"type\":\"text\",\"text\":\"l2\"},"
                + "{\"type\":\"image\",\"source\":{\"data\":\"Qw==\",\"media_type\":\"image/png\"}}]},"
                + "{\"type\":\"tool_result\",\"content\":\"plain\"},"
                + "{\"type\":\"redacted\",\"text\":\"no\"}]}]}");
    assertThat(texts(body))
        .containsExactly(
            "u",
            "a",
            "hm",
            "i",
            "n",
            "{\"b\": 1.0}",
            "IMAGE:http://x",
            "IMAGE:QQ==",
            "l1",
            "\n",
            "l2",
            "IMAGE:data:image/jpeg;base64,Qg==",
            "IMAGE:data:image/png;base64,Qw==",
            "plain");
  }

  @Test
  void refusesDeepNestingWithoutLosingItsStack() {
    String deep = "{\"messages\":[" + "{\"content\":[".repeat(500_000);
    assertThat(error(parser, PATH, deep))
        .isEqualTo("error unmarshaling request body: exceeded max depth");
  }

  @RepeatedTest(200)
  void survivesDamagedBodies(RepetitionInfo round) {
    RandomJson random = new RandomJson(round.getCurrentRepetition());
    String body =
        "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"s\"}],\"tools\":[{\"name\":"
            + "\"t\",\"input_schema\":{\"a\":\"\\u00e9\"}}],\"messages\":[{\"role\":\"u\","
            + "\"content\":[{\"type\":\"tool_use\",\"id\":\"i\",\"input\":{}},{\"type\":"
            + "\"tool_result\",\"content\":[{\"type\":\"image\",\"source\":{\"data\":\"Q\"}}]}]}],"
            + "\"x\":"
            + random.next()
            + "}";
    for (int i = 0; i < 20; i++) {
      byte[] damaged = random.damaged(body);
      assertThatCode(
              () -> {
                if (Parsers.parse(parser, PATH, damaged) instanceof ParseOutcome.Parsed parsed) {
                  texts(parsed.body());
                }
              })
          .doesNotThrowAnyException();
    }
  }
}
