package ai.llmd.epp.adapter.extproc.body.anthropic;

import static ai.llmd.epp.adapter.extproc.body.Parsers.assertSurvives;
import static ai.llmd.epp.adapter.extproc.body.Parsers.error;
import static ai.llmd.epp.adapter.extproc.body.Parsers.parsed;
import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.ModelRenaming;
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
  @ValueSource(strings = {"/v1/mymessages", "/v1/messages//", "/v1/messages/batches"})
  void refusesPathsThatOnlyResembleItsOwn(String path) {
    assertThat(error(parser, path, "{}")).isEqualTo("unsupported API endpoint: " + path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/messages/", "messages", "/messages", "/gateway/v1/messages"})
  void readsItsPathWithASlashBehindAndAPrefixBeforeIt(String path) {
    assertThat(texts(parsed(parser, path, "{\"messages\":[{\"content\":\"hi\"}]}")))
        .containsExactly("hi");
    assertThat(parsed(parser, "/messages/count_tokens/", "no json").skipsResponse()).isTrue();
  }

  @Test
  void readsBehindAByteOrderMark() {
    assertThat(texts(parsed(parser, PATH, "\uFEFF{\"messages\":[{\"content\":\"hi\"}]}")))
        .containsExactly("hi");
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
      strings = {"5", "true", "false", "{}", "{\"type\":\"text\",\"text\":\"hi\"}", "1e999"})
  void refusesAMessageWhoseContentIsNeitherTextNorList(String content) {
    String body = "{\"messages\":[{\"content\":\"hi\"},{\"content\":" + content + "}]}";
    assertThat(error(parser, PATH, body)).isEqualTo(WRONG_CONTENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"messages\":null}",
        "{\"messages\":[]}",
        "{\"messages\":[{}],\"messages\":\"\"}",
        "{\"messages\":[{\"content\":5}],\"messages\":[]}",
        "null",
      })
  void refusesABodyWithoutMessages(String body) {
    assertThat(error(parser, PATH, body))
        .isEqualTo("invalid messages request: must have at least one message");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "\"hi\"", "true", "5"})
  void routesMessagesThatAreNoListWithoutAPrompt(String messages) {
    ParsedBody body =
        parsed(parser, PATH, "{\"model\":\"m\",\"system\":\"s\",\"messages\":" + messages + "}");
    assertThat(body.prompts()).isEmpty();
    assertThat(body.model()).isEqualTo("m");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "null",
        "\"text\"",
        "[{}]",
        "{}",
        "{\"type\":7,\"text\":\"x\"}",
        "{\"type\":\"text\",\"text\":1}",
        "{\"type\":\"text\",\"text\":null,\"citations\":[1]}",
        "{\"type\":\"thinking\",\"thinking\":{}}",
        "{\"type\":\"redacted_thinking\",\"data\":\"x\"}",
        "{\"type\":\"tool_use\",\"id\":1,\"name\":[]}",
        "{\"type\":\"server_tool_use\",\"id\":\"i\",\"name\":\"web_search\",\"input\":{\"query\":\"q\"}}",
        "{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"i\",\"content\":"
            + "{\"type\":\"web_search_tool_result_error\",\"error_code\":\"max_uses_exceeded\"}}",
        "{\"type\":\"code_execution_tool_result\",\"content\":{\"stdout\":\"x\",\"content\":[]}}",
        "{\"type\":\"search_result\",\"source\":\"https://x\",\"title\":\"t\",\"content\":"
            + "[{\"type\":\"text\",\"text\":\"x\"}],\"citations\":{\"enabled\":true}}",
        "{\"type\":\"container_upload\",\"file_id\":\"f\"}",
        "{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[{}]},\"content\":7}",
        "{\"type\":\"image\",\"source\":\"https://x\"}",
        "{\"type\":\"image\",\"source\":{\"type\":1,\"url\":2,\"data\":[],\"media_type\":{}}}",
        "{\"type\":\"tool_result\",\"tool_use_id\":5,\"content\":{}}",
        "{\"type\":\"tool_result\",\"content\":true}",
        "{\"type\":\"tool_result\",\"content\":[1,\"x\",{\"type\":\"text\",\"text\":5}]}",
      })
  void countsABlockThatIsNotUnderstoodAsOneWithoutText(String block) {
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"before\"},"
            + block
            + ",{\"type\":\"text\",\"text\":\"after\"}]},{\"role\":5,\"content\":\"end\"}]}";
    assertThat(texts(parsed(parser, PATH, body))).containsExactly("user", "before", "after", "end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"system\":{}",
        "\"system\":5",
        "\"system\":[\"s\",1,{\"type\":\"text\",\"text\":{}}]",
        "\"tools\":{}",
        "\"tools\":\"t\"",
        "\"cache_salt\":[]",
        "\"max_tokens\":\"9\"",
        "\"stream\":1",
        "\"thinking\":\"on\"",
        "\"metadata\":5",
      })
  void takesAnOptionalFieldOfTheWrongTypeForMissing(String field) {
    ParsedBody body = parsed(parser, PATH, "{\"messages\":[{\"content\":\"hi\"},7]," + field + "}");
    assertThat(texts(body)).containsExactly("hi");
    assertThat(body.cacheSalt()).isEmpty();
  }

  @Test
  void writesOfToolsWhatHasTheRightType() {
    ParsedBody body =
        parsed(
            parser,
            PATH,
            "{\"messages\":[{}],\"tools\":[{\"name\":5,\"strict\":1,\"description\":{}},"
                + "{\"type\":\"web_search_20250305\",\"name\":\"web_search\",\"max_uses\":3},7]}");
    assertThat(String.join("", texts(body)))
        .isEqualTo("[{\"name\":\"\"},{\"name\":\"web_search\"},{\"name\":\"\"}]");
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
      assertSurvives(parser, PATH, random.damaged(body));
    }
  }
}
