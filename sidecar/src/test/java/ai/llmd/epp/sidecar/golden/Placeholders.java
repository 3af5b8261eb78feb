package ai.llmd.epp.sidecar.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Compares with what was recorded, in which each generated value has a name that binds it. */
final class Placeholders {

  private static final Pattern NAMES = Pattern.compile("<(uuid|int64-room)-\\d+>");

  private final Map<String, String> bound = new HashMap<>();

  /** JSON values, whatever the order of keys. */
  void assertSame(String where, JsonNode actual, JsonNode expected) {
    if (expected.isObject()) {
      assertThat(actual.propertyNames())
          .as(where)
          .containsExactlyInAnyOrderElementsOf(expected.propertyNames());
      expected
          .properties()
          .forEach(
              member ->
                  assertSame(
                      where + "." + member.getKey(),
                      actual.get(member.getKey()),
                      member.getValue()));
    } else if (expected.isArray()) {
      assertThat(actual.size()).as(where).isEqualTo(expected.size());
      for (int i = 0; i < expected.size(); i++) {
        assertSame(where + "[" + i + "]", actual.get(i), expected.get(i));
      }
    } else if (expected.isNumber()) {
      assertThat(actual.isNumber()).as(where).isTrue();
      assertThat(actual.decimalValue()).as(where).isEqualByComparingTo(expected.decimalValue());
    } else if (expected.isString()) {
      assertSame(where, actual.asString(), expected.asString());
    } else {
      assertThat(actual).as(where).isEqualTo(expected);
    }
  }

  /** Texts, which may hold generated values. */
  void assertSame(String where, String actual, String expected) {
    Matcher names = NAMES.matcher(expected);
    StringBuilder pattern = new StringBuilder();
    int end = 0;
    while (names.find()) {
      pattern.append(Pattern.quote(expected.substring(end, names.start())));
      String value = bound.get(names.group());
      pattern
          .append('(')
          .append(value != null ? Pattern.quote(value) : shape(names.group(1)))
          .append(')');
      end = names.end();
    }
    pattern.append(Pattern.quote(expected.substring(end)));
    Matcher matched = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(actual);
    assertThat(matched.matches()).as("%s: <%s> instead of <%s>", where, actual, expected).isTrue();
    names.reset();
    for (int group = 1; names.find(); group++) {
      bound.putIfAbsent(names.group(), matched.group(group));
    }
  }

  private static String shape(String kind) {
    return kind.equals("uuid") ? "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}" : "\\d{1,19}";
  }
}
