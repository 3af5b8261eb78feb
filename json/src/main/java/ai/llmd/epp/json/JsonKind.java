package ai.llmd.epp.json;

import java.util.Arrays;

/** What kind of value starts at a place in a JSON text. */
public enum JsonKind {
  OBJECT,
  ARRAY,
  STRING,
  NUMBER,
  TRUE,
  FALSE,
  NULL,
  /** No value starts here: the text is broken or has ended. */
  NONE;

  private static final JsonKind[] BY_FIRST_BYTE = new JsonKind[256];

  static {
    Arrays.fill(BY_FIRST_BYTE, NONE);
    BY_FIRST_BYTE['{'] = OBJECT;
    BY_FIRST_BYTE['['] = ARRAY;
    BY_FIRST_BYTE['"'] = STRING;
    BY_FIRST_BYTE['t'] = TRUE;
    BY_FIRST_BYTE['f'] = FALSE;
    BY_FIRST_BYTE['n'] = NULL;
    BY_FIRST_BYTE['-'] = NUMBER;
    Arrays.fill(BY_FIRST_BYTE, '0', '9' + 1, NUMBER);
  }

  static JsonKind startingWith(byte first) {
    return BY_FIRST_BYTE[first & 0xFF];
  }
}
