package ai.llmd.epp.adapter.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.calls.WithoutResultException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LegacyConversionsTest {

  @Test
  void systemTextsBecomeOneMessageWithoutTheBillingHeader() {
    assertThat(
            messages(
                """
                {"system":[{"type":"text","text":"x-anthropic-billing-header: 1"},
                 {"type":"text","text":"Be "},{"type":"text","text":"brief."}],
                 "messages":[{"role":"user","content":"hi"}]}
                """))
        .isEqualTo(
            "[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                + "{\"role\":\"user\",\"content\":\"hi\"}]");
  }

  @Test
  void oneTextIsPlainAndSeveralArePartsWithImages() {
    assertThat(
            messages(
                """
                {"messages":[
                 {"content":[{"type":"text","text":"one"},{"type":"text","text":""}],"role":"user"},
                 {"role":"user","content":[{"type":"text","text":"a"},
                  {"type":"image","source":{"type":"base64","data":"AA=="}},
                  {"type":"image","source":{"type":"url","url":"http://i"}},
                  {"type":"image","source":{}}]}]}
                """))
        .isEqualTo(
            "[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"user\",\"content\":["
                + "{\"type\":\"text\",\"text\":\"a\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,AA==\"}},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://i\"}}]}]");
  }

  @Test
  void thoughtsAndCallsStayWithoutAContent() {
    assertThat(
            messages(
                """
                {"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},
                 {"type":"redacted_thinking","data":"x"},
                 {"type":"tool_use","id":"","name":"f","input":{"b":1.50,"a":["\\u00e9😀\\u007f"]}},
                 {"type":"tool_use","id":"c2","name":"g"}]}]}
                """))
        .isEqualTo(
            "[{\"role\":\"assistant\",\"reasoning\":\"hm\",\"tool_calls\":["
                + "{\"id\":\"call_0000000000\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"b\\\":"
                + " 1.50, \\\"a\\\": [\\\"\\\\u00e9\\\\ud83d\\\\ude00\\\\u007f\\\"]}\"}},"
                + "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"g\","
                + "\"arguments\":\"{}\"}}]}]");
  }

  @Test
  void resultsOfToolsComeBeforeTheMessageThatBringsThem() {
    assertThat(
            messages(
                """
                {"messages":[{"role":"user","content":[{"type":"text","text":"go on"},
                 {"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"1"},
                  {"type":"text","text":"2"},{"type":"image","source":{"url":"http://i"}}]}]},
                 {"role":"user","content":[{"type":"tool_result","tool_use_id":"d","content":"3"}]},
                 {"role":"assistant","content":[{"type":"tool_result","content":"4"}]}]}
                """))
        .isEqualTo(
            "[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"1\\u000a2\"},"
                + "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://i\"}}]},{\"role\":\"user\",\"content\":\"go"
                + " on\"},"
                + "{\"role\":\"tool\",\"tool_call_id\":\"d\",\"content\":\"3\"},{\"role\":\"assistant\",\"content\":\"Tool"
                + " result: 4\"}]");
  }

  @Test
  void toolsKeepTheirSchemaAsItWasWritten() {
    String chat =
        chat(
            """
            {"messages":[{"role":"user","content":"x"}],"tools":[
             {"name":"f","input_schema":{"z": 1.0,"a":2},"description":"d","strict":true},
             {"name":"g"}]}
            """);
    assertThat(chat)
        .endsWith(
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
                + "\"parameters\":{\"z\": 1.0,\"a\":2},\"description\":\"d\",\"strict\":true}},"
                + "{\"type\":\"function\",\"function\":{\"name\":\"g\","
                + "\"parameters\":{\"type\":\"object\"}}}]}");
  }

  @Test
  void responsesKeepTextsImagesAndInstructions() {
    assertThat(
            responses(
                """
                {"instructions":"Be brief.","tools":[],"input":[
                 {"role":"user","content":[{"type":"input_text","text":"a\\n"},
                  {"type":"input_image","image_url":"http://i","detail":"low"}]},
                 {"type":"message","content":[{"text":"b","type":"output_text","annotations":[]}],
                  "role":"assistant"},
                 {"role":"user","content":"c"}]}
                """))
        .isEqualTo(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\\n\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://i\"}}]},"
                + "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"b\"}]},"
                + "{\"role\":\"user\",\"content\":\"c\"}]}");
  }

  @Test
  void emptyInstructionsAreNone() {
    assertThat(responses("{\"instructions\":\"\",\"input\":\"x\"}"))
        .isEqualTo("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"input\":[{\"type\":\"function_call\",\"name\":\"f\"}]}",
        "{\"input\":[{\"type\":\"reasoning\",\"role\":\"assistant\",\"content\":\"x\"}]}",
        "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]}",
        "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"file_id\":\"f\"}]}]}",
        "{\"input\":\"x\",\"tools\":[{\"type\":\"function\"}]}",
        "{\"input\":\"x\",\"previous_response_id\":\"r\"}",
        "{\"input\":7}",
        "{\"input\":[]}",
        "{}",
        "[]",
        "{\"input\":\"x\""
      })
  void responsesThatAChatCannotSayAreRefused(String body) {
    assertThatThrownBy(() -> responses(body)).isInstanceOf(WithoutResultException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"messages\":[", "7"})
  void whatIsNoMessagesRequestIsRefused(String body) {
    assertThatThrownBy(() -> chat(body)).isInstanceOf(WithoutResultException.class);
  }

  @Test
  void argumentsThatAreNestedVeryDeeplyAreRefused() {
    String body =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"input\":{\"a\":"
            + "[".repeat(5_000)
            + "]".repeat(5_000)
            + "}}]}]}";
    assertThatThrownBy(() -> chat(body)).isInstanceOf(WithoutResultException.class);
  }

  private static String messages(String body) {
    String chat = chat(body);
    String start = "{\"model\":\"m\",\"messages\":";
    assertThat(chat).startsWith(start);
    return chat.substring(start.length(), chat.length() - 1);
  }

  private static String chat(String body) {
    byte[] chat = LegacyMessages.toChat(body.getBytes(StandardCharsets.UTF_8), "m");
    return new String(chat, StandardCharsets.UTF_8);
  }

  private static String responses(String body) {
    byte[] chat = LegacyResponses.toChat(body.getBytes(StandardCharsets.UTF_8), "m");
    return new String(chat, StandardCharsets.UTF_8);
  }
}
