package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.adapter.tokenizers.jinja.None;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.json.JsonScanner;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON as values for templates: what Python's {@code json.loads} makes of it. */
final class JsonValues {

  private static final int MAX_DEPTH = 200;
  private static final int MAX_DIGITS = 4300; // as in Python

  private final byte[] bytes;
  private final JsonScanner json;

  private JsonValues(byte[] bytes) {
    this.bytes = bytes;
    this.json = new JsonScanner(bytes, 0, bytes.length);
  }

  /**
   * The value of a JSON text.
   *
   * @throws WithoutResultException if it is none, or nested very deeply
   */
  static Object read(byte[] text) {
    JsonValues values = new JsonValues(text);
    Object value = values.value(0);
    values.json.finish();
    if (values.json.error() != null) {
      throw new WithoutResultException("cannot read JSON");
    }
    return value;
  }

  /** The members of a JSON object. */
  static Map<String, Object> readObject(byte[] text) {
    return object(read(text));
  }

  /** A value as an object, which has texts as keys. */
  @SuppressWarnings("unchecked") // that is how they are read
  static Map<String, Object> object(Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new WithoutResultException("expected a JSON object");
  }

  private Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw new WithoutResultException("cannot render what is nested so deeply");
    }
    return switch (json.kind()) {
      case OBJECT -> members(depth);
      case ARRAY -> elements(depth);
      case STRING -> json.text().content();
      case NUMBER -> {
        int start = json.position();
        json.skip();
        yield number(start, json.position());
      }
      case TRUE -> skipped(true);
      case FALSE -> skipped(false);
      case NULL, NONE -> skipped(None.NONE);
    };
  }

  private Object skipped(Object value) {
    json.skip();
    return value;
  }

  private Map<String, Object> members(int depth) {
    Map<String, Object> members = new LinkedHashMap<>();
    json.enter();
    while (json.nextMember()) {
      String key = json.key().content();
      members.put(key, value(depth + 1));
    }
    return members;
  }

  private List<Object> elements(int depth) {
    List<Object> elements = new ArrayList<>();
    json.enter();
    while (json.nextElement()) {
      elements.add(value(depth + 1));
    }
    return elements;
  }

  private Object number(int start, int end) {
    String digits = new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    if (json.error() != null) {
      return None.NONE;
    }
    boolean isInteger = digits.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    if (!isInteger) {
      return Double.valueOf(digits);
    }
    if (digits.length() > MAX_DIGITS) {
      throw new WithoutResultException("cannot render a number of so many digits");
    }
    BigInteger number = new BigInteger(digits);
    if (number.bitLength() < Long.SIZE) {
      return number.longValue();
    }
    return number;
  }
}
