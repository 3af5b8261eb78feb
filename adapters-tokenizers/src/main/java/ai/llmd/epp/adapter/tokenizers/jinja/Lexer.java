package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Lexer.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens. The line break behind a block goes, and so does white space before
 * it on its line, as chat templates expect it ({@code trim_blocks} and {@code lstrip_blocks}).
 */
final class Lexer {

  private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%\\}");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern NUMBER =
      Pattern.compile("\\d+(?:_\\d+)*(\\.\\d+(?:_\\d+)*)?([eE][+-]?\\d+(?:_\\d+)*)?");

  /** Of one number, as in Python. */
  static final int MAX_DIGITS = 4300;

  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ":",
          "|", ",", "(", ")", "[", "]", "{", "}");

  /**
   * A piece of a template.
   *
   * @param text content of text and strings, the name, the digits or the operator
   */
  record Token(Kind kind, String text, int line) {

    enum Kind {
      TEXT,
      VARIABLE_BEGIN,
      VARIABLE_END,
      BLOCK_BEGIN,
      BLOCK_END,
      NAME,
      STRING,
      INTEGER,
      FLOAT,
      OPERATOR,
      END
    }

    boolean isOperator(String operator) {
      return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
      return kind == Kind.NAME && text.equals(name);
    }
  }

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean isLineStart = true;

  private Lexer(String source) {
    this.source = source;
  }

  /**
   * The tokens of a template, the last of which is its end.
   *
   * @throws TemplateException if it cannot be cut
   */
  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    Lexer lexer = new Lexer(source);
    lexer.scan();
    return lexer.tokens;
  }

  private void scan() {
    while (at < source.length()) {
      int open = nextTag(at);
      if (open < 0) {
        text(source.substring(at));
        at = source.length();
        break;
      }
      char kind = source.charAt(open + 1);
      char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
      String before = source.substring(at, open);
      text(trimmedBefore(before, kind, sign));
      line += newlines(before);
      at = open;
      switch (kind) {
        case '#' -> comment();
        case '%' -> block();
        default -> variable();
      }
    }
    add(Kind.END, "");
  }

  private String trimmedBefore(String before, char kind, char sign) {
    if (sign == '-') {
      return stripRight(before);
    }
    if (sign == '+' || kind == '{') {
      return before;
    }
    int lineStart = before.lastIndexOf('\n') + 1;
    boolean isAtLineStart = lineStart > 0 || isLineStart;
    return isAtLineStart && PythonText.isBlank(before.substring(lineStart))
        ? before.substring(0, lineStart)
        : before;
  }

  private static String stripRight(String text) {
    int end = text.length();
    while (end > 0 && PythonText.isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void comment() {
    int end = source.indexOf("#}", at + 2);
    if (end < 0) {
      throw TemplateException.atLine(line, "a comment does not end");
    }
    line += newlines(source.substring(at, end));
    char sign = end > at + 2 ? source.charAt(end - 1) : ' ';
    at = end + 2;
    afterTag(sign, true);
  }

  private void block() {
    Matcher raw = RAW.matcher(source).region(at, source.length());
    if (raw.lookingAt()) {
      raw(raw);
      return;
    }
    add(Kind.BLOCK_BEGIN, "");
    skipSign();
    char sign = expression("%}");
    add(Kind.BLOCK_END, "");
    afterTag(sign, true);
  }

  private void raw(Matcher begin) {
    Matcher end = END_RAW.matcher(source);
    if (!end.find(begin.end())) {
      throw TemplateException.atLine(line, "raw text does not end");
    }
    String content = source.substring(begin.end(), end.start());
    at = begin.end();
    line += newlines(begin.group());
    isLineStart = false;
    afterTag("-".equals(begin.group(2)) ? '-' : ' ', true);
    String rest = at <= end.start() ? source.substring(at, end.start()) : "";
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    text(trimmedBefore(rest, '%', sign));
    line += newlines(content) + newlines(end.group());
    at = end.end();
    afterTag(end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0), true);
  }

  private void variable() {
    add(Kind.VARIABLE_BEGIN, "");
    skipSign();
    char sign = expression("}}");
    add(Kind.VARIABLE_END, "");
    afterTag(sign, false);
  }

  private void skipSign() {
    at += 2;
    if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
      at++;
    }
  }

  /** What follows a tag: a minus takes all white space, a block its line break. */
  private void afterTag(char sign, boolean isBlock) {
    isLineStart = false;
    if (sign == '-') {
      while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
        isLineStart = source.charAt(at) == '\n';
        line += isLineStart ? 1 : 0;
        at++;
      }
    } else if (isBlock && sign != '+' && at < source.length() && source.charAt(at) == '\n') {
      at++;
      line++;
      isLineStart = true;
    }
  }

  /** Scans up to the end of a tag, and returns the sign before that. */
  private char expression(String end) {
    Deque<Character> open = new ArrayDeque<>();
    while (at < source.length()) {
      char c = source.charAt(at);
      if (open.isEmpty()) {
        boolean hasSign = c == '-' || (c == '+' && end.startsWith("%"));
        if (source.startsWith(end, hasSign ? at + 1 : at)) {
          at += hasSign ? 3 : 2;
          return hasSign ? c : ' ';
        }
      }
      if (PythonText.isSpace(c)) {
        line += c == '\n' ? 1 : 0;
        at++;
      } else if (c == '"' || c == '\'') {
        string(c);
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (!name()) {
        operator(open);
      }
    }
    throw TemplateException.atLine(line, "a tag does not end");
  }

  private boolean name() {
    Matcher name = NAME.matcher(source).region(at, source.length());
    if (name.lookingAt()) {
      add(Kind.NAME, name.group());
      at = name.end();
      return true;
    }
    return false;
  }

  private void number() {
    Matcher number = NUMBER.matcher(source).region(at, source.length());
    if (!number.lookingAt()) {
      throw TemplateException.atLine(line, "a number cannot be read");
    }
    if (number.end() - at > MAX_DIGITS) {
      throw TemplateException.atLine(line, "a number has too many digits");
    }
    boolean isFloat = number.group(1) != null || number.group(2) != null;
    add(isFloat ? Kind.FLOAT : Kind.INTEGER, number.group().replace("_", ""));
    at = number.end();
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        char c = operator.charAt(0);
        if ("([{".indexOf(c) >= 0) {
          open.push(c);
        } else if (")]}".indexOf(c) >= 0 && (open.isEmpty() || !closes(open.pop(), c))) {
          throw TemplateException.atLine(line, "a bracket closes that is not open");
        }
        add(Kind.OPERATOR, operator);
        at += operator.length();
        return;
      }
    }
    throw TemplateException.atLine(line, "a character is not known here: " + source.charAt(at));
  }

  private static boolean closes(char open, char close) {
    return "([{".indexOf(open) == ")]}".indexOf(close);
  }

  private void string(char quote) {
    int start = line;
    StringBuilder content = new StringBuilder();
    for (int i = at + 1; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == quote) {
        tokens.add(new Token(Kind.STRING, content.toString(), start));
        at = i + 1;
        return;
      }
      line += c == '\n' ? 1 : 0;
      if (c != '\\' || i + 1 == source.length()) {
        content.append(c);
        continue;
      }
      i = escape(i + 1, content);
    }
    throw TemplateException.atLine(start, "a text does not end");
  }

  /** Adds what is escaped, and returns the place of its last character. */
  private int escape(int i, StringBuilder content) {
    char c = source.charAt(i);
    switch (c) {
      case 'n' -> content.append('\n');
      case 't' -> content.append('\t');
      case 'r' -> content.append('\r');
      case 'b' -> content.append('\b');
      case 'f' -> content.append('\f');
      case 'v' -> content.append('\u000b');
      case 'a' -> content.append('\u0007');
      case '\\', '\'', '"' -> content.append(c);
      case '\n' -> line++; // goes
      case 'x' -> {
        return hexadecimal(i, 2, content);
      }
      case 'u' -> {
        return hexadecimal(i, 4, content);
      }
      case 'U' -> {
        return hexadecimal(i, 8, content);
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        int end = i;
        int value = 0;
        int limit = Math.min(i + 3, source.length());
        while (end < limit && source.charAt(end) >= '0' && source.charAt(end) <= '7') {
          value = value * 8 + source.charAt(end++) - '0';
        }
        content.append((char) value);
        return end - 1;
      }
      default -> content.append('\\').append(c);
    }
    return i;
  }

  private int hexadecimal(int i, int digits, StringBuilder content) {
    int end = i + 1 + digits;
    try {
      content.appendCodePoint(Integer.parseInt(source, i + 1, end, 16));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw TemplateException.atLine(line, "an escape cannot be read");
    }
    return end - 1;
  }

  private void text(String text) {
    if (!text.isEmpty()) {
      add(Kind.TEXT, text);
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private static int newlines(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }
}
