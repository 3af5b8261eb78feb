package ai.llmd.epp.adapter.extproc.body;

/**
 * Leaves out of a JSON text, as it comes, what holds no usage: white space, the content of arrays,
 * objects below {@value #MAX_DEPTH} levels, strings of more than {@value #MAX_STRING} bytes. What
 * stands before the first object, such as the name of an event's field, stays. What is left out is
 * not checked.
 */
final class CondensedJson {

  /** {@code response.usage.input_tokens_details} is at level 4. */
  private static final int MAX_DEPTH = 4;

  private static final int MAX_STRING = 256;

  private int depth;
  private int skippedDepth; // containers that are open below the one being left out; 0: none is
  private boolean isInString;
  private boolean isEscaped;
  private boolean isStringLeftOut;
  private int stringStart;

  void begin() {
    depth = 0;
    skippedDepth = 0;
    isInString = false;
    isEscaped = false;
  }

  /**
   * Appends what is to be kept of these bytes. Source and target may be the same array, when the
   * target's place is not behind the source's.
   *
   * @return the new length of the target, at most the length of its array; what is beyond is lost,
   *     and the text no JSON any more
   */
  int append(byte[] from, int start, int end, byte[] target, int targetLength) {
    int length = targetLength;
    for (int i = start; i < end; i++) {
      byte c = from[i];
      if (isInString) {
        length = inString(c, target, length);
      } else if (c == '"') {
        isInString = true;
        isStringLeftOut = skippedDepth > 0;
        stringStart = length + 1;
        length = skippedDepth > 0 ? length : put(c, target, length);
      } else if (skippedDepth > 0) {
        skippedDepth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        length = skippedDepth == 0 ? put(c, target, length) : length;
      } else if (depth == 0 || c > ' ') {
        length = put(c, target, length);
        nest(c);
      }
    }
    return length;
  }

  private void nest(byte c) {
    if (c == '{') {
      if (depth == MAX_DEPTH) {
        skippedDepth = 1;
      } else {
        depth++;
      }
    } else if (c == '[') {
      skippedDepth = 1;
    } else if (c == '}') {
      depth--;
    }
  }

  private int inString(byte c, byte[] target, int length) {
    boolean isEnd = c == '"' && !isEscaped;
    isEscaped = c == '\\' && !isEscaped;
    isInString = !isEnd;
    if (isEnd) {
      return skippedDepth > 0 ? length : put(c, target, length);
    }
    if (isStringLeftOut) {
      return length;
    }
    if (length - stringStart == MAX_STRING) {
      isStringLeftOut = true;
      return stringStart;
    }
    return put(c, target, length);
  }

  private static int put(byte c, byte[] target, int length) {
    if (length < target.length) {
      target[length] = c;
      return length + 1;
    }
    return length;
  }
}
