package ai.llmd.epp.adapter.metrics.scrape;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a metric family and the labels that a series must have: {@code name} or {@code
 * name{label=value, other="value"}}. Further labels of a series do not matter.
 *
 * @param text the specification as configured, for messages
 * @param family classic Prometheus metric name
 * @param labels labels that must match exactly, in the order written; may be empty
 */
public record MetricSpec(String text, String family, List<Label> labels) {

  /** A label and the value that it must have. */
  public record Label(String name, String value) {}

  private static final Pattern SPEC =
      Pattern.compile("\\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(?:\\{(.*)}\\s*)?", Pattern.DOTALL);
  private static final Pattern PAIR =
      Pattern.compile(
          "\\s*([a-zA-Z_][a-zA-Z0-9_]*)\\s*=\\s*"
              + "(?:\"((?:[^\"\\\\\\n]|\\\\[\"\\\\n])*)\"|([^\",}\\s]+))\\s*");

  public MetricSpec {
    labels = List.copyOf(labels);
  }

  /**
   * Reads a specification.
   *
   * @throws IllegalArgumentException when it is none, with the offending label pair if there is one
   */
  public static MetricSpec parse(String text) {
    Matcher spec = SPEC.matcher(text);
    if (!spec.matches()) {
      throw new IllegalArgumentException("not a valid metric specification: \"" + text + "\"");
    }
    String inside = spec.group(2);
    List<Label> labels =
        inside == null || inside.isBlank() ? List.of() : labelsOf(splitAtCommas(inside), text);
    return new MetricSpec(text, spec.group(1), labels);
  }

  private static List<Label> labelsOf(List<String> pairs, String text) {
    List<Label> labels = new ArrayList<>();
    for (String pair : pairs) {
      Matcher matcher = PAIR.matcher(pair);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "invalid label pair \"" + pair.strip() + "\" in specification: \"" + text + "\"");
      }
      String quoted = matcher.group(2);
      String value = quoted == null ? matcher.group(3) : unescape(quoted);
      labels.add(new Label(matcher.group(1), value));
    }
    return labels;
  }

  /** Commas inside quotes separate nothing. */
  private static List<String> splitAtCommas(String text) {
    List<String> parts = new ArrayList<>();
    boolean isQuoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && isQuoted) {
        i++;
      } else if (c == '"') {
        isQuoted = !isQuoted;
      } else if (c == ',' && !isQuoted) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  /** Undoes the three escapes of a label value: backslash, quote and line feed. */
  static String unescape(String value) {
    if (value.indexOf('\\') < 0) {
      return value;
    }
    StringBuilder plain = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        char escaped = value.charAt(++i);
        plain.append(escaped == 'n' ? '\n' : escaped);
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }
}
