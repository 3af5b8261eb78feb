package ai.llmd.epp.fuzz;

import ai.llmd.epp.json.JsonScanner;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as maps, lists, texts, doubles and booleans: once by the scanner, and once by a parser that
 * builds trees. Of a repeated member the last counts.
 */
public final class Trees {

  /** Stands for {@code null}. */
  private enum Nothing {
    NULL
  }

  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxNestingDepth(JsonScanner.MAX_DEPTH)
          .maxNumberLength(1 << 20)
          .maxStringLength(1 << 20)
          .maxNameLength(1 << 20)
          .build();
  private static final JsonMapper JACKSON =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LIMITS).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Trees() {}

  /** Null when the scanner refuses the text. */
  static @Nullable Object scanned(byte[] text) {
    JsonScanner json = new JsonScanner(text, 0, text.length);
    Object tree = value(json);
    json.finish();
    return json.error() == null ? tree : null;
  }

  private static Object value(JsonScanner json) {
    return switch (json.kind()) {
      case OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        json.enter();
        while (json.nextMember()) {
          String key = json.key().content();
          members.put(key, value(json));
        }
        yield members;
      }
      case ARRAY -> {
        List<Object> elements = new ArrayList<>();
        json.enter();
        while (json.nextElement()) {
          elements.add(value(json));
        }
        yield elements;
      }
      case STRING -> json.text().content();
      case NUMBER -> json.number() + 0.0; // no negative zero
      case TRUE -> {
        json.skip();
        yield true;
      }
      case FALSE -> {
        json.skip();
        yield false;
      }
      case NULL, NONE -> {
        json.skip();
        yield Nothing.NULL;
      }
    };
  }

  /** Null when Jackson refuses the text. */
  public static @Nullable Object parsed(String text) {
    try {
      JsonNode tree = JACKSON.readTree(text);
      try (JsonParser tokens = JACKSON.createParser(text)) {
        JsonToken first = tokens.nextToken();
        return tree.isMissingNode() || first == null ? null : value(tokens);
      }
    } catch (JacksonException e) {
      return null;
    }
  }

  private static Object value(JsonParser tokens) {
    return switch (tokens.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        while (tokens.nextToken() == JsonToken.PROPERTY_NAME) {
          String key = withoutLoneSurrogates(tokens.currentName());
          tokens.nextToken();
          members.put(key, value(tokens));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (tokens.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(tokens));
        }
        yield elements;
      }
      case VALUE_STRING -> withoutLoneSurrogates(tokens.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Double.parseDouble(tokens.getString()) + 0.0;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> Nothing.NULL;
    };
  }

  /** As Go has it. */
  private static String withoutLoneSurrogates(String text) {
    return new String(
        text.codePoints()
            .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
            .toArray(),
        0,
        (int) text.codePoints().count());
  }

  /** Null when the bytes are not UTF-8. */
  public static @Nullable String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
