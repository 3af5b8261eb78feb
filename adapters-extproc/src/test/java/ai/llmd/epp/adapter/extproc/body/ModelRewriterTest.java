package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.json.JsonScanner;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelRewriterTest {

  private static final String PATH = "/v1/chat/completions";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\" : \"old\" , \"n\": 1.0}|{\"model\" : \"new\" , \"n\": 1.0}",
        "{\"n\": 1.0}|{\"model\":\"new\",\"n\": 1.0}",
        "`  { }`|`  {\"model\":\"new\" }`",
        "{}|{\"model\":\"new\"}",
        "{\"Model\":\"other\"}|{\"model\":\"new\",\"Model\":\"other\"}",
        "{\"model\":5}|{\"model\":\"new\"}",
        "{\"model\":{\"model\":\"deep\"}}|{\"model\":\"new\"}",
        "{\"a\":{\"model\":\"deep\"}}|{\"model\":\"new\",\"a\":{\"model\":\"deep\"}}",
        "{\"m\\u006fdel\":\"a\",\"x\":1,\"model\":null}|"
            + "{\"m\\u006fdel\":\"new\",\"x\":1,\"model\":\"new\"}",
      })
  void replacesTheModelAndNothingElse(String body, String expected) {
    assertThat(rewritten(body, "new")).isEqualTo(expected);
  }

  @Test
  void escapesTheNewName() {
    assertThat(rewritten("{\"model\":\"old\"}", "a\"b\\c\nd/é🚀"))
        .isEqualTo("{\"model\":\"a\\\"b\\\\c\\u000ad/é🚀\"}");
  }

  @Test
  void findsTheModelAmongThousandsOfRepetitions() {
    String body = "{" + "\"model\":\"a\",".repeat(5_000) + "\"z\":0}";
    assertThat(rewritten(body, "b")).isEqualTo(body.replace("\"a\"", "\"b\""));
  }

  /** Each may be believed by some server: the first by some, the last by most, none between. */
  @Test
  void ofMillionsItReplacesTheFirstAndTheLast() {
    int count = 1_000_000;
    String body = "{" + "\"model\":\"a\",".repeat(count) + "\"z\":0}";
    String expected =
        "{"
            + "\"model\":\"new\",".repeat(4_096)
            + "\"model\":\"a\",".repeat(count - 8_192)
            + "\"model\":\"new\",".repeat(4_096)
            + "\"z\":0}";
    assertThat(rewritten(body, "new").equals(expected)).isTrue();
  }

  @Test
  void aLongNameIsWrittenNotTooOften() {
    String name = "n".repeat((1 << 20) - 2);
    String body = "{" + "\"model\":\"a\",".repeat(9) + "\"z\":0}";
    String named = "\"model\":\"" + name + "\",";
    String expected =
        "{" + named.repeat(2) + "\"model\":\"a\",".repeat(5) + named.repeat(2) + "\"z\":0}";
    assertThat(rewritten(body, name).equals(expected)).isTrue();
  }

  @RepeatedTest(50)
  void keepsEveryOtherByteOfABodyWithInvalidUtf8(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    byte[] noise = new byte[random.nextInt(500)];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (0x80 | random.nextInt(128));
    }
    String before = "{\"t\":\"";
    String middle = "\",\"messages\":[{}], \"model\" :";
    ByteString start = utf8(before).concat(ByteString.copyFrom(noise)).concat(utf8(middle));
    ByteString end = utf8(" ,\"u\":\"").concat(ByteString.copyFrom(noise)).concat(utf8("\"}\n"));
    ByteString body = start.concat(utf8("\"old\"")).concat(end);

    byte[] bytes = body.toByteArray();
    var parsed = (ParseOutcome.Parsed) Parsers.parse(new OpenAiParser(), PATH, bytes);
    assertThat(parsed.body().model()).isEqualTo("old");
    assertThat(EditedBody.of(body, parsed.body().modelRenaming().edits("new")))
        .isEqualTo(start.concat(utf8("\"new\"")).concat(end));
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** Of any object, valid for an API or not. */
  private static String rewritten(String body, String model) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    var json = new JsonScanner(bytes, 0, bytes.length);
    int bodyStart = json.position();
    Envelope envelope = new Envelope(List.of());
    assertThat(JsonBody.read(json, JsonBody.GENERIC, envelope)).isNull();
    return EditedBody.of(utf8(body), envelope.modelRenaming(bytes, bodyStart).edits(model))
        .toStringUtf8();
  }
}
