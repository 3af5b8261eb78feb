package ai.llmd.epp.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a JSON text once, validating it, and reports where its values are. Nothing is copied.
 *
 * <p>The caller descends into the objects and arrays that it cares for and skips the rest:
 *
 * <pre>{@code
 * if (json.kind() == JsonKind.OBJECT) {
 *   json.enter();
 *   while (json.nextMember()) {
 *     if (json.keyIs("model") && json.kind() == JsonKind.STRING) {
 *       model = json.text();
 *     } else {
 *       json.skip();
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>A syntax error is remembered, not thrown: from then on no value, member or element is found,
 * so every loop ends, and {@link #error()} describes what was wrong. What was read before is
 * worthless.
 *
 * <p>The grammar is RFC 8259 as Go's {@code encoding/json} reads it: invalid UTF-8 and lone
 * surrogates inside strings are accepted and stand for U+FFFD, nesting ends at {@value #MAX_DEPTH}
 * levels. One thread; the array must not change.
 */
public final class JsonScanner {

  /** Objects and arrays within each other, at most. */
  public static final int MAX_DEPTH = 10_000;

  /** Of a character that is some ASCII letter in another case: the sign of Kelvin has as many. */
  private static final int MAX_FOLDED_BYTES = 3;

  final byte[] bytes;
  private final int end;
  private int position;
  private @Nullable String error;

  private int depth;
  private boolean isFresh; // just entered: the first member or element needs no comma
  private long[] objectLevels = new long[1]; // bit n: level n+1 is an object, not an array

  // the string that was scanned last
  int textStart;
  int textEnd;
  int textBytes;
  boolean isTextVerbatim;
  private boolean isTextAscii;

  // the member at which the scanner stands
  private int keyStart;
  private int keyEnd;
  private int keyBytes;
  private boolean isKeyVerbatim;
  private boolean isKeyPlain;

  /** Starts at the first value of the text between two places of an array. */
  public JsonScanner(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    skipWhitespace();
  }

  /** What was wrong; null as long as nothing was. */
  public @Nullable String error() {
    return error;
  }

  /** Where the scanner stands: at the start of a value, or just after one. */
  public int position() {
    return position;
  }

  /** Goes back, or forth, to the start or end of a value on the level on which it now is. */
  void moveTo(int place) {
    position = place;
    isFresh = false;
  }

  /** The kind of the value that starts here. */
  public JsonKind kind() {
    return position < end ? JsonKind.startingWith(bytes[position]) : JsonKind.NONE;
  }

  /** Enters the object or array that starts here. */
  public void enter() {
    boolean isObject = bytes[position] == '{';
    if (depth == MAX_DEPTH) {
      fail(SyntaxErrors.TOO_DEEP);
      return;
    }
    int word = depth >> 6;
    if (word == objectLevels.length) {
      objectLevels = Arrays.copyOf(objectLevels, 2 * word);
    }
    long level = 1L << depth;
    objectLevels[word] = isObject ? objectLevels[word] | level : objectLevels[word] & ~level;
    depth++;
    position++;
    isFresh = true;
  }

  private boolean isInObject() {
    return (objectLevels[(depth - 1) >> 6] >> (depth - 1) & 1) != 0;
  }

  /**
   * Goes to the value of the object's next member; false, and out of the object, after the last.
   */
  public boolean nextMember() {
    if (!isAnother((byte) '}', "after object key:value pair")) {
      return false;
    }
    if (position == end || bytes[position] != '"') {
      return failHere("looking for beginning of object key string");
    }
    if (!scanString()) {
      return false;
    }
    rememberKey();
    skipWhitespace();
    if (position == end || bytes[position] != ':') {
      return failHere("after object key");
    }
    position++;
    skipWhitespace();
    return true;
  }

  /** Goes to the array's next element; false, and out of the array, after the last. */
  public boolean nextElement() {
    return isAnother((byte) ']', "after array element");
  }

  private boolean isAnother(byte closing, String context) {
    skipWhitespace();
    boolean isFirst = isFresh;
    isFresh = false;
    if (position == end) {
      return failHere(context);
    }
    byte next = bytes[position];
    if (next == closing) {
      position++;
      depth--;
      return false;
    }
    if (isFirst) {
      return true;
    }
    if (next != ',') {
      return failHere(context);
    }
    position++;
    skipWhitespace();
    return true;
  }

  private void rememberKey() {
    keyStart = textStart;
    keyEnd = textEnd;
    keyBytes = textBytes;
    isKeyVerbatim = isTextVerbatim;
    isKeyPlain = isTextVerbatim && isTextAscii;
  }

  /** The key of the member at which the scanner stands. */
  public JsonString key() {
    return new JsonString(bytes, keyStart, keyEnd, keyBytes, isKeyVerbatim);
  }

  /**
   * The member at which the scanner stands, for sorting.
   *
   * @param container its value's number among {@link LongContainers}
   */
  CanonicalWriter.Member member(int container) {
    byte[] sortKey = isKeyVerbatim ? bytes : key().decoded();
    int from = isKeyVerbatim ? keyStart : 0;
    return new CanonicalWriter.Member(
        sortKey, from, from + keyBytes, keyStart, keyEnd, position, container);
  }

  /** Whether the member's key is exactly this ASCII name. */
  public boolean keyIs(String name) {
    if (!isKeyPlain) {
      return key().contentEquals(name);
    }
    if (keyEnd - keyStart != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (bytes[keyStart + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the member's key is this lower-case name in any case, as Go finds struct fields. */
  public boolean keyFoldsTo(String name) {
    if (!isKeyPlain) {
      return keyBytes <= MAX_FOLDED_BYTES * name.length() && key().content().equalsIgnoreCase(name);
    }
    if (keyEnd - keyStart != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      int b = bytes[keyStart + i];
      if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Passes over the value that starts here, whatever it is. */
  public void skip() {
    int outside = depth;
    skipScalarOrEnter();
    while (depth > outside && error == null) {
      if (isInObject() ? nextMember() : nextElement()) {
        skipScalarOrEnter();
      }
    }
  }

  private void skipScalarOrEnter() {
    switch (kind()) {
      case OBJECT, ARRAY -> enter();
      case STRING -> scanString();
      case NUMBER -> scanNumber();
      case TRUE -> scanLiteral("true");
      case FALSE -> scanLiteral("false");
      case NULL -> scanLiteral("null");
      case NONE -> failHere("looking for beginning of value");
    }
  }

  /** Reads the string that starts here; an empty one when it is broken. */
  public JsonString text() {
    return scanText() ? new JsonString(this) : JsonString.EMPTY;
  }

  /**
   * Passes over the string that starts here, for a subclass of {@link JsonString} to be made of it.
   *
   * @return whether there is anything in it; false too when it is broken
   */
  public boolean scanText() {
    return scanString() && textBytes > 0;
  }

  /** Reads the number that starts here; infinite when it is too large for a double. */
  public double number() {
    long small = smallInteger();
    if (small >= 0) {
      return small;
    }
    int start = position;
    return scanNumber() ? JsonNumber.toDouble(bytes, start, position) : 0;
  }

  /** Reads the number that starts here when it is written as an integer; otherwise NaN. */
  public double integer() {
    long small = smallInteger();
    if (small >= 0) {
      return small;
    }
    int start = position;
    double value = number();
    return error == null && JsonNumber.isInteger(bytes, start, position) ? value : Double.NaN;
  }

  /**
   * Reads the number that starts here if it is an integer of few digits, as token ids are;
   * otherwise -1, and nothing is read.
   */
  private long smallInteger() {
    int last = Math.min(end, position + JsonNumber.EXACT_DIGITS);
    int i = position;
    long value = 0;
    while (i < last && bytes[i] >= '0' && bytes[i] <= '9') {
      value = value * 10 + (bytes[i] - '0');
      i++;
    }
    boolean isWhole = i < last && bytes[i] != '.' && (bytes[i] | 0x20) != 'e';
    boolean hasLeadingZero = i - position > 1 && bytes[position] == '0';
    if (i == position || !isWhole || hasLeadingZero) {
      return -1;
    }
    position = i;
    return value;
  }

  /** To be called after the one value of the text: nothing but white space may follow. */
  public void finish() {
    skipWhitespace();
    if (position < end) {
      failHere("after top-level value");
    }
  }

  private void skipWhitespace() {
    while (position < end && isWhitespace(bytes[position])) {
      position++;
    }
  }

  private static boolean isWhitespace(byte b) {
    return b <= ' ' && (b == ' ' || b == '\n' || b == '\r' || b == '\t');
  }

  /** Finds the end of the string that starts here, and how long it will be once decoded. */
  private boolean scanString() {
    int i = position + 1;
    int decodedMore = 0; // than the bytes it takes up; negative with escapes
    boolean isVerbatim = true;
    boolean isAscii = true;
    textStart = i;
    while ((i = StringSyntax.plainEnd(bytes, i, end)) < end && bytes[i] != '"') {
      if (bytes[i] == '\\') {
        int codePoint = StringSyntax.escaped(bytes, i, end);
        if (codePoint < 0) {
          return failInEscape(i);
        }
        int width = StringSyntax.escapeWidth(bytes, i, codePoint);
        decodedMore += StringSyntax.utf8Length(codePoint) - width;
        isVerbatim = false;
        i += width;
      } else if (bytes[i] >= 0) {
        return failAt(i, "in string literal");
      } else {
        isAscii = false;
        do {
          int width = StringSyntax.utf8Width(bytes, i, end);
          if (width == 1) {
            decodedMore += 2; // U+FFFD takes three
            isVerbatim = false;
          }
          i += width;
        } while (i < end && bytes[i] < 0);
      }
    }
    textEnd = i;
    textBytes = i - textStart + decodedMore;
    isTextVerbatim = isVerbatim;
    isTextAscii = isAscii;
    position = i + 1;
    return i < end || failAt(i, "in string literal");
  }

  private boolean failInEscape(int backslash) {
    int i = backslash + 1;
    if (i == end || bytes[i] != 'u') {
      return failInToken(i, "in string escape code");
    }
    i++;
    while (i < end && StringSyntax.hexDigit(bytes[i]) >= 0) {
      i++;
    }
    return failInToken(i, "in \\u hexadecimal character escape");
  }

  private boolean scanNumber() {
    if (bytes[position] == '-') {
      position++;
    }
    if (position < end && bytes[position] == '0') {
      position++;
    } else if (!scanDigits("in numeric literal")) {
      return false;
    }
    if (position < end && bytes[position] == '.') {
      position++;
      if (!scanDigits("after decimal point in numeric literal")) {
        return false;
      }
    }
    if (position < end && (bytes[position] | 0x20) == 'e') {
      position++;
      if (position < end && (bytes[position] == '+' || bytes[position] == '-')) {
        position++;
      }
      return scanDigits("in exponent of numeric literal");
    }
    return true;
  }

  private boolean scanDigits(String context) {
    int start = position;
    while (position < end && bytes[position] >= '0' && bytes[position] <= '9') {
      position++;
    }
    return position > start || failInToken(position, context);
  }

  private boolean scanLiteral(String literal) {
    for (int i = 0; i < literal.length(); i++) {
      if (position == end || bytes[position] != literal.charAt(i)) {
        char expected = literal.charAt(i);
        return failInToken(position, "in literal " + literal + " (expecting '" + expected + "')");
      }
      position++;
    }
    return true;
  }

  /** Go ends a text with a space: a token that is cut off there meets one. */
  private boolean failInToken(int place, String context) {
    return fail(SyntaxErrors.invalidCharacter(place < end ? bytes[place] : (byte) ' ', context));
  }

  private boolean failHere(String context) {
    return failAt(position, context);
  }

  private boolean failAt(int place, String context) {
    return fail(
        place < end
            ? SyntaxErrors.invalidCharacter(bytes[place], context)
            : SyntaxErrors.UNEXPECTED_END);
  }

  private boolean fail(String what) {
    if (error == null) {
      error = what;
    }
    position = end;
    return false;
  }
}
