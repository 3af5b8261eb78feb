package ai.llmd.epp.adapter.extproc.body.json;

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

  static JsonKind startingWith(byte first) {
    return switch (first) {
      case '{' -> OBJECT;
      case '[' -> ARRAY;
      case '"' -> STRING;
      case 't' -> TRUE;
      case 'f' -> FALSE;
      case 'n' -> NULL;
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> NUMBER;
      default -> NONE;
    };
  }
}
