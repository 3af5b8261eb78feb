package ai.llmd.epp.adapter.tokenizers.jinja;

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
