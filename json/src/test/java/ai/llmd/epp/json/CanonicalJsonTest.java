package ai.llmd.epp.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {

  private static final int MEBIBYTE = 1 << 20;

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
  void writesInnerObjectsAsTheyStandWhereTheOuterOnesHaveTooManyMembers() {
    String outer = "\"m\":1,".repeat(CanonicalWriter.MAX_SORTED_MEMBERS - 2);
    String inner = "{\"b\":1,\"a\":1}";
    assertThat(canonical("{" + outer + "\"z\":" + inner + "}"))
        .isEqualTo("{\"m\":1,\"z\":" + inner + "}");
    assertThat(canonical("[{" + outer + "\"z\":1}," + inner + "]"))
        .as("what stands beside it is not counted")
        .endsWith("{\"a\":1,\"b\":1}]");
  }

  @Test
  void writesTooManyDigitsAsTheyStand() {
    String number = "1.50";
    int most = CanonicalWriter.MAX_NUMBER_BYTES / number.length();
    String text = "[" + (number + ",").repeat(most) + number + "]";
    assertThat(canonical(text)).isEqualTo("[" + "1.5,".repeat(most) + number + "]");
  }

  /** A few mebibytes inside so many objects. */
  private static byte[] nested(int depth, int members, String member) {
    StringBuilder text = new StringBuilder();
    text.append("{\"z\": 1, \"a\": ".repeat(depth)).append("{");
    for (int i = members; i > 0; i--) {
      text.append('"').append(i).append("\": ").append(member).append(i > 1 ? ", " : "}");
    }
    return text.append(" }".repeat(depth)).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static long bytesRead(byte[] text, WrittenBytes output) {
    CanonicalWriter writer = new CanonicalWriter(text, 0, text.length, output);
    writer.write();
    output.flush();
    return writer.bytesRead();
  }

  /** An object was once read again for every object around it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 30, 100})
  void readsATextTwiceHoweverDeepItIs(int depth) {
    byte[] text = nested(depth, 40_000, "\"" + "x".repeat(60) + "\"");
    WrittenBytes written = new WrittenBytes(1 << 16);

    assertThat(text.length).isGreaterThan(2 * MEBIBYTE);
    assertThat(bytesRead(text, written)).isLessThan(2L * text.length + 1);
    assertThat(written.length()).isGreaterThan(2 * MEBIBYTE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"b\": {\"c\": [1, {\"a\": 2}]}}", "[[[[[[{}]]]]]]"})
  void readsShortObjectsAFewTimes(String member) {
    byte[] text = nested(24, 60_000, member);
    assertThat(bytesRead(text, new WrittenBytes(1 << 16))).isLessThan(6L * text.length);
  }

  /** As deep as is sorted, each object just long enough to be noted. */
  @Test
  void readsManyDeepObjectsAFewTimes() {
    String chain = "{\"b\":0,\"a\":".repeat(20) + "0" + "}".repeat(20);
    byte[] text = nested(8, 12_000, chain);
    assertThat(text.length).isGreaterThan(2 * MEBIBYTE);
    assertThat(bytesRead(text, new WrittenBytes(1 << 16))).isLessThan(8L * text.length);
  }

  @RepeatedTest(300)
  void sortsLongObjectsAsShortOnes(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    StringBuilder shuffled = new StringBuilder();
    StringBuilder sorted = new StringBuilder();
    value(random, 0, shuffled, sorted);
    assertThat(canonical(shuffled.toString())).isEqualTo(sorted.toString());
  }

  /** Writes the same value in any order and in that of the keys. */
  private static void value(Random random, int depth, StringBuilder any, StringBuilder sorted) {
    int members = random.nextInt(5);
    if (depth > 7 || random.nextInt(6) == 0) {
      String text = "\"" + "]}\\\"\\\\é{[".repeat(random.nextInt(6)) + "\"";
      any.append(text);
      sorted.append(text);
    } else if (random.nextInt(3) == 0) {
      any.append(" [");
      sorted.append('[');
      for (int i = 0; i < members; i++) {
        any.append(i > 0 ? " ," : "");
        sorted.append(i > 0 ? "," : "");
        value(random, depth + 1, any, sorted);
      }
      any.append("\n]");
      sorted.append(']');
    } else {
      List<String> inOrder = new ArrayList<>();
      List<String> inAny = new ArrayList<>();
      for (int i = 0; i < members; i++) {
        StringBuilder valueInAny = new StringBuilder();
        StringBuilder valueSorted = new StringBuilder();
        value(random, depth + 1, valueInAny, valueSorted);
        inAny.add("\"k" + i + "\" : " + valueInAny);
        inOrder.add("\"k" + i + "\":" + valueSorted);
      }
      Collections.shuffle(inAny, random);
      any.append("{ ").append(String.join(" , ", inAny)).append(" }");
      sorted.append('{').append(String.join(",", inOrder)).append('}');
    }
  }

  /** So many cost more memory than sorting them is worth. */
  @Test
  void writesAsItStandsWhatHasTooManyLongObjects() {
    String element = "{\"b\": 1, \"a\": \"" + "x".repeat(50) + "\"}";
    String few = "[" + element + ", " + element + "]";
    assertThat(canonical(few)).startsWith("[{\"a\":");
    byte[] many =
        ("[" + (element + ", ").repeat(LongContainers.MAX) + element + "]")
            .getBytes(StandardCharsets.UTF_8);
    FirstBytes output = new FirstBytes(100, Integer.MAX_VALUE);
    CanonicalJson.write(many, 0, many.length, output);
    output.flush();
    assertThat(output.text()).startsWith("[{\"b\": 1, ");
    assertThat(output.written).isEqualTo(many.length);
  }

  @Test
  void stopsWhenNoMoreIsWanted() {
    byte[] text = nested(10, 40_000, "{\"b\": [1, 2], \"a\": \"" + "x".repeat(60) + "\"}");
    FirstBytes output = new FirstBytes(10_000, 10_000);
    CanonicalJson.write(text, 0, text.length, output);
    assertThat(output.written).isBetween(10_000L, 20_000L);
    WrittenBytes whole = new WrittenBytes(1 << 16);
    CanonicalJson.write(text, 0, text.length, whole);
    assertThat(whole.text()).startsWith(output.text());
  }

  /** Keeps the beginning, and is full after so many bytes. */
  private static final class FirstBytes extends Utf8Output {

    private final byte[] kept;
    private final long wanted;
    long written;

    FirstBytes(int kept, long wanted) {
      super(2048);
      this.kept = new byte[kept];
      this.wanted = wanted;
    }

    @Override
    protected void write(byte[] source, int offset, int length) {
      int room = (int) Math.clamp(kept.length - written, 0, length);
      if (room > 0) {
        System.arraycopy(source, offset, kept, (int) written, room);
      }
      written += length;
    }

    @Override
    protected boolean isFull() {
      return written >= wanted;
    }

    String text() {
      return new String(kept, StandardCharsets.UTF_8);
    }
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
