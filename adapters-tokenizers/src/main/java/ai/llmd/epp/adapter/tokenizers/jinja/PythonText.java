package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Texts as Python has them: sequences of code points. */
final class PythonText {

  private static final int MAX_PLACE_DIGITS = 9;

  private PythonText() {}

  /** Whether Python counts a character as white space. */
  static boolean isSpace(int c) {
    return c == ' '
        || (c >= '\t' && c <= '\r')
        || (c >= 0x1c && c <= 0x1f)
        || c == 0x85
        || c == 0xa0
        || (c > 0xa0 && Character.isSpaceChar(c));
  }

  static boolean isBlank(String text) {
    return text.chars().allMatch(PythonText::isSpace);
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  static String strip(String text, @Nullable String set, boolean left, boolean right) {
    if (set != null) {
      Effort.spendOnSearch(set, text);
    }
    int start = 0;
    int end = text.length();
    while (left && start < end && isIn(text.codePointAt(start), set)) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && isIn(text.codePointBefore(end), set)) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static boolean isIn(int c, @Nullable String set) {
    return set == null ? isSpace(c) : set.indexOf(c) >= 0;
  }

  /** The words of a text, at most so many cuts; negative for all. */
  static List<Object> words(String text, long maxCuts) {
    List<Object> words = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return words;
      }
      if (maxCuts >= 0 && words.size() == maxCuts) {
        words.add(text.substring(at));
        return words;
      }
      Effort.spend(Effort.STEP);
      int start = at;
      while (at < text.length() && !isSpace(text.charAt(at))) {
        at++;
      }
      words.add(text.substring(start, at));
    }
  }

  /** Cuts a text at a separator, at most so many times; negative for all. */
  static List<Object> split(String text, String separator, long maxCuts) {
    requireSeparator(separator);
    Effort.spendOnSearch(text, separator);
    List<Object> parts = new ArrayList<>();
    int at = 0;
    while (maxCuts < 0 || parts.size() < maxCuts) {
      int next = text.indexOf(separator, at);
      if (next < 0) {
        break;
      }
      Effort.spend(Effort.STEP);
      parts.add(text.substring(at, next));
      at = next + separator.length();
    }
    parts.add(text.substring(at));
    return parts;
  }

  /** The same from the right. */
  static List<Object> splitRight(String text, String separator, long maxCuts) {
    requireSeparator(separator);
    Effort.spendOnSearch(text, separator);
    List<Object> parts = new ArrayList<>(); // from the right
    int end = text.length();
    while (maxCuts < 0 || parts.size() < maxCuts) {
      int next = text.lastIndexOf(separator, end - separator.length());
      if (next < 0 || end < separator.length()) {
        break;
      }
      Effort.spend(Effort.STEP);
      parts.add(text.substring(next + separator.length(), end));
      end = next;
    }
    parts.add(text.substring(0, end));
    return parts.reversed();
  }

  private static void requireSeparator(String separator) {
    if (separator.isEmpty()) {
      throw new TemplateException("a text is split at nothing");
    }
  }

  static List<Object> lines(String text) {
    List<Object> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isBreak =
          (c >= '\n' && c <= '\r')
              || (c >= 0x1c && c <= 0x1e)
              || c == 0x85
              || c == 0x2028
              || c == 0x2029;
      if (isBreak) {
        Effort.spend(Effort.STEP);
        lines.add(text.substring(start, i));
        if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        start = i + 1;
      }
    }
    if (start < text.length()) {
      lines.add(text.substring(start));
    }
    return lines;
  }

  static String replace(String text, String old, String with, long max) {
    if (old.isEmpty()) {
      throw new TemplateException("nothing is replaced in a text");
    }
    Effort.spendOnSearch(text, old);
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (long i = 0; max < 0 || i < max; i++) {
      int next = text.indexOf(old, at);
      if (next < 0) {
        break;
      }
      Effort.spend((long) next - at + with.length());
      out.append(text, at, next).append(with);
      at = next + old.length();
    }
    return at == 0 ? text : out.append(text, at, text.length()).toString();
  }

  static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return upper(text.substring(0, first)) + lower(text.substring(first));
  }

  /** Each word with a capital, where letters make words. */
  static String titled(String text) {
    StringBuilder out = new StringBuilder();
    boolean isInside = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      String one = Character.toString(c);
      out.append(isInside ? lower(one) : upper(one));
      isInside = Character.isLetter(c);
    }
    return out.toString();
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Python's {@code format}, for fields without a format of their own. */
  static String format(String format, Arguments with) {
    StringBuilder out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (i + 1 < format.length() && format.charAt(i + 1) == c) {
        out.append(c);
        i++;
      } else {
        int end = format.indexOf('}', i);
        if (c == '}' || end < 0) {
          throw new TemplateException("a format has a single brace");
        }
        String field = format.substring(i + 1, end);
        Object value;
        if (field.isEmpty()) {
          value = with.get(next++, "");
        } else if (field.chars().allMatch(Character::isLetterOrDigit)) {
          boolean isPlace = field.chars().allMatch(digit -> digit >= '0' && digit <= '9');
          if (isPlace && field.length() > MAX_PLACE_DIGITS) {
            throw new TemplateException("a format asks for an argument that is not there");
          }
          value = with.get(isPlace ? Integer.parseInt(field) : Integer.MAX_VALUE, field);
        } else {
          throw new TemplateException("a format with more than names is not supported");
        }
        String written = PythonWriter.text(value);
        Effort.spend(written.length());
        out.append(written);
        i = end;
      }
    }
    return out.toString();
  }
}
