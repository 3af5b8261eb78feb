package ai.llmd.epp.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class JsonScannerTest {

  private static final JsonMapper JACKSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  @RepeatedTest(500)
  void findsTheSameValuesAsJackson(RepetitionInfo round) {
    String text = new RandomJson(round.getCurrentRepetition()).next();
    JsonScanner json = scanner(text);
    JsonNode rebuilt = rebuild(json);
    json.finish();
    assertThat(json.error()).isNull();
    assertThat(rebuilt).isEqualTo(inDoubles(JACKSON.readTree(text)));
  }

  @RepeatedTest(500)
  void acceptsAndRefusesTheSameTextsAsJackson(RepetitionInfo round) {
    RandomJson random = new RandomJson(round.getCurrentRepetition());
    for (int i = 0; i < 20; i++) {
      byte[] text = random.damaged(random.next());
      assertThat(error(text) == null)
          .as(new String(text, StandardCharsets.UTF_8))
          .isEqualTo(isJsonForJackson(text));
    }
  }

  @RepeatedTest(200)
  void readingAndSkippingAgreeOnDamagedTexts(RepetitionInfo round) {
    RandomJson random = new RandomJson(round.getCurrentRepetition());
    for (int i = 0; i < 20; i++) {
      byte[] text = random.damaged(random.next());
      JsonScanner json = new JsonScanner(text, 0, text.length);
      assertThatCode(() -> rebuild(json)).doesNotThrowAnyException();
      json.finish();
      assertThat(json.error()).isEqualTo(error(text));
    }
  }

  private static boolean isJsonForJackson(byte[] text) {
    try {
      String decoded = new String(text, StandardCharsets.UTF_8);
      return !decoded.isBlank() && !JACKSON.readTree(decoded).isMissingNode();
    } catch (JacksonException e) {
      return false;
    }
  }

  /** Builds a tree of what the scanner finds. */
  private static JsonNode rebuild(JsonScanner json) {
    return switch (json.kind()) {
      case OBJECT -> {
        ObjectNode object = JACKSON.createObjectNode();
        json.enter();
        while (json.nextMember()) {
          object.set(json.key().content(), rebuild(json));
        }
        yield object;
      }
      case ARRAY -> {
        ArrayNode array = JACKSON.createArrayNode();
        json.enter();
        while (json.nextElement()) {
          array.add(rebuild(json));
        }
        yield array;
      }
      case STRING -> {
        JsonString text = json.text();
        assertMeasured(text);
        yield JACKSON.getNodeFactory().stringNode(text.content());
      }
      case NUMBER -> JACKSON.getNodeFactory().numberNode(json.number() + 0.0); // -0 becomes 0
      case TRUE, FALSE -> {
        boolean value = json.kind() == JsonKind.TRUE;
        json.skip();
        yield JACKSON.getNodeFactory().booleanNode(value);
      }
      case NULL, NONE -> {
        json.skip();
        yield JACKSON.nullNode();
      }
    };
  }

  private static void assertMeasured(JsonString text) {
    WrittenBytes written = new WrittenBytes(text.byteLength());
    text.decodeTo(written);
    assertThat(text.byteLength()).isEqualTo(written.length());
  }

  private static JsonNode inDoubles(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.propertyNames().forEach(name -> object.set(name, inDoubles(object.get(name))));
      return object;
    }
    if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, inDoubles(array.get(i)));
      }
      return array;
    }
    return node.isNumber() ? JACKSON.getNodeFactory().numberNode(node.doubleValue()) : node;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 40})
  void findsEveryEndOfAPlainRunAtEveryPlace(int length) {
    for (String stop : new String[] {"\"", "\\", "\u0000", "\u001f", "\u0080", "\u00ff"}) {
      String text = "x".repeat(length) + stop + "~ !}".repeat(4);
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      assertThat(StringSyntax.plainEnd(bytes, 0, bytes.length)).isEqualTo(length);
      assertThat(StringSyntax.plainEnd(bytes, 0, length)).isEqualTo(length);
    }
  }

  @Test
  void agreesWithTheJdkOnWhichUtf8IsValid() {
    var random = new Random(7);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = new byte[4];
      random.nextBytes(bytes);
      bytes[0] |= (byte) 0x80;
      if (i % 2 == 0) { // likelier to be valid
        for (int k = 1; k < 4; k++) {
          bytes[k] = (byte) (0x80 | (bytes[k] & 0x3F));
        }
        bytes[0] = (byte) (0xC0 | (bytes[0] & 0x3F));
      }
      assertThat(StringSyntax.utf8Width(bytes, 0, 4)).isEqualTo(widthForTheJdk(bytes));
    }
  }

  private static int widthForTheJdk(byte[] bytes) {
    for (int width = 2; width <= bytes.length; width++) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, width));
        return width;
      } catch (CharacterCodingException e) {
        // perhaps a longer one is valid
      }
    }
    return 1;
  }

  @Test
  void readsInvalidUtf8AndLoneSurrogatesAsReplacementCharacters() {
    byte[] invalid = {'"', 'a', (byte) 0xE2, (byte) 0x82, (byte) 0xFF, 'b', '"'};
    JsonString text = new JsonScanner(invalid, 0, invalid.length).text();
    assertThat(text.content()).isEqualTo("a\uFFFD\uFFFD\uFFFDb");
    assertThat(text.byteLength()).isEqualTo(11);

    JsonString lone = scanner("\"\\ud83dx\\ude80\\ud83d\\ud83d\\ude80\"").text();
    assertThat(lone.content()).isEqualTo("\uFFFDx\uFFFD\uFFFD🚀");
    assertMeasured(lone);
  }

  @Test
  void doesNotTakeLengthForContent() {
    // two escapes (two bytes less) and one invalid byte (two more) decode to as many bytes
    byte[] text = {'"', '\\', 'n', '\\', 't', (byte) 0xFF, '"'};
    assertThat(new JsonScanner(text, 0, text.length).text().content()).isEqualTo("\n\t\uFFFD");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|unexpected end of JSON input",
        "{\"a\":|unexpected end of JSON input",
        "{\"a|unexpected end of JSON input",
        "\"\\u12|invalid character ' ' in \\u hexadecimal character escape",
        "-|invalid character ' ' in numeric literal",
        "nu|invalid character ' ' in literal null (expecting 'l')",
        "nu healthy|invalid character ' ' in literal null (expecting 'l')",
        "nothing|invalid character 'o' in literal null (expecting 'u')",
        "zoo|invalid character 'z' looking for beginning of value",
        "[1,]|invalid character ']' looking for beginning of value",
        "{,}|invalid character ',' looking for beginning of object key string",
        "{\"a\":1,}|invalid character '}' looking for beginning of object key string",
        "{\"a\" 1}|invalid character '1' after object key",
        "{\"a\":1 2}|invalid character '2' after object key:value pair",
        "[1 2]|invalid character '2' after array element",
        "01|invalid character '1' after top-level value",
        "{} x|invalid character 'x' after top-level value",
        "[1.]|invalid character ']' after decimal point in numeric literal",
        "[1e]|invalid character ']' in exponent of numeric literal",
        "[-a]|invalid character 'a' in numeric literal",
        "\"\\x\"|invalid character 'x' in string escape code",
        "\"\\u12g4\"|invalid character 'g' in \\u hexadecimal character escape",
        "é|invalid character 'Ã' looking for beginning of value",
        "'|invalid character '\\'' looking for beginning of value",
        "\\|invalid character '\\\\' looking for beginning of value",
      })
  void wordsErrorsLikeGo(String text, String error) {
    assertThat(error(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(error);
  }

  @Test
  void namesUnprintableCharactersLikeGo() {
    assertThat(error("\"a\nb\"".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("invalid character '\\n' in string literal");
    assertThat(error(new byte[] {0})).startsWith("invalid character '\\x00' ");
    assertThat(error(new byte[] {0x7F})).startsWith("invalid character '\\x7f' ");
    assertThat(error(new byte[] {(byte) 0x85})).startsWith("invalid character '\\u0085' ");
  }

  @Test
  void goesTenThousandLevelsDeepAndNoDeeper() {
    assertThat(error(nested(10_000))).isNull();
    assertThat(error(nested(10_001))).isEqualTo("exceeded max depth");
    assertThat(error(nested(1_000_000))).isEqualTo("exceeded max depth");
  }

  private static byte[] nested(int levels) {
    int objects = levels / 2;
    String text =
        "{\"a\":".repeat(objects) + "[".repeat(levels - objects) + "]".repeat(levels - objects);
    return (text + "}".repeat(objects)).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void comparesKeysAsTheyAreDecoded() {
    JsonScanner json = scanner("{\"m\\u006fdel\":1,\"Messages\":2,\"\u212Aey\":3}");
    json.enter();
    json.nextMember();
    assertThat(json.keyIs("model")).isTrue();
    assertThat(json.keyFoldsTo("model")).isTrue();
    json.skip();
    json.nextMember();
    assertThat(json.keyIs("messages")).isFalse();
    assertThat(json.keyFoldsTo("messages")).isTrue();
    assertThat(json.keyFoldsTo("messagez")).isFalse();
    json.skip();
    json.nextMember();
    assertThat(json.keyFoldsTo("key")).isTrue(); // Kelvin sign, as Go folds it
  }

  @ParameterizedTest
  @CsvSource({"abc, 0, ''", "abc, 2, ab", "abc, 9, abc", "a\\u0062c, 2, ab", "a\\u0062c, 9, abc"})
  void givesTheBeginningOfAString(String text, int maxBytes, String beginning) {
    assertThat(scanner('"' + text + '"').text().beginning(maxBytes)).isEqualTo(beginning);
  }

  @Test
  void distinguishesIntegersFromOtherNumbers() {
    assertThat(scanner("12").integer()).isEqualTo(12);
    assertThat(scanner("1.0").integer()).isNaN();
    assertThat(scanner("1e2").integer()).isNaN();
    assertThat(scanner("1e2").number()).isEqualTo(100);
    assertThat(scanner("1e999").number()).isInfinite();
  }

  private static JsonScanner scanner(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new JsonScanner(bytes, 0, bytes.length);
  }

  private static @Nullable String error(byte[] text) {
    JsonScanner json = new JsonScanner(text, 0, text.length);
    json.skip();
    json.finish();
    return json.error();
  }
}
