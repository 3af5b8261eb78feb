package ai.llmd.epp.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ \"b\" : 1, \"a\" : [ 1 , 2 ] }|{\"a\":[1,2],\"b\":1}",
        "{\"a\":1,\"b\":2,\"a\":3}|{\"a\":3,\"b\":2}",
        "{\"é\":1,\"z\":2,\"Z\":3,\"\":4}|{\"\":4,\"Z\":3,\"z\":2,\"é\":1}",
        "{\"\\u0062\":1,\"a\":2,\"b\":3}|{\"a\":2,\"b\":3}",
        "\"<b>&\\u003c\\/\"|\"\\u003cb\\u003e\\u0026\\u003c/\"",
        "\"\\b\\f\\n\\r\\t\\u0001\\u007f\\\"\\\\\"|\"\\b\\f\\n\\r\\t\\u0001\u007f\\\"\\\\\"",
        "\"\u2028\\u2029é\"|\"\\u2028\\u2029é\"",
        "\"\\ud83d\\ude80\\ud83d\"|\"🚀\uFFFD\"",
        "[1.0,1e2,-0,-0.0,0.10]|[1,100,-0,-0,0.1]",
        "[12345678901234567890,1e21,1e20]|[12345678901234567000,1e+21,100000000000000000000]",
        "[1e-6,1e-7,1.5e-9,-1.25e30]|[0.000001,1e-7,1.5e-9,-1.25e+30]",
        "[true,false,null,[],{}]|[true,false,null,[],{}]",
      })
  void writesLikeGo(String text, String canonical) {
    assertThat(canonical(text)).isEqualTo(canonical);
  }

  @RepeatedTest(300)
  void writesTheSameForAllSpellingsOfAValue(RepetitionInfo round) {
    String canonical = canonical(new RandomJson(round.getCurrentRepetition()).next());
    assertThat(canonical(canonical)).isEqualTo(canonical);
  }

  @Test
  void writesWhatLiesTooDeepAsItStands() {
    String deep = "{\"b\": 1, \"a\": 2}";
    String at32 = "[".repeat(32) + deep + "]".repeat(32);
    assertThat(canonical(at32)).isEqualTo(at32);
    String at31 = "[".repeat(31) + deep + "]".repeat(31);
    assertThat(canonical(at31)).contains("{\"a\":2,\"b\":1}");
    String deepest = "[".repeat(10_000) + "]".repeat(10_000);
    assertThat(canonical(deepest)).isEqualTo(deepest);
  }

  @Test
  void writesObjectsOfTooManyMembersAsTheyStand() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 70_000; i > 0; i--) {
      text.append('"').append(i).append("\":").append(i).append(i > 1 ? ", " : "}");
    }
    assertThat(canonical(text.toString())).isEqualTo(text.toString());
  }

  @Test
  void compactsWithoutReordering() {
    String text = "{ \"b\" : \"a \\\" <\\u00e9\u2028\" ,\n\"a\" : [ 1.0 , 2 ] }";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    WrittenBytes written = new WrittenBytes(bytes.length);
    CompactJson.write(bytes, 0, bytes.length, written);
    assertThat(written.text()).isEqualTo("{\"b\":\"a \\\" \\u003c\\u00e9\\u2028\",\"a\":[1.0,2]}");
  }

  @Test
  void doesNotShowItsText() {
    byte[] bytes = "\"secret\"".getBytes(StandardCharsets.UTF_8);
    assertThat(new JsonScanner(bytes, 0, 8).text().toString()).doesNotContain("secret");
  }

  private static String canonical(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    JsonScanner json = new JsonScanner(bytes, 0, bytes.length);
    int start = json.position();
    json.skip();
    WrittenBytes written = new WrittenBytes(bytes.length);
    CanonicalJson.write(bytes, start, json.position(), written);
    return written.text();
  }
}
