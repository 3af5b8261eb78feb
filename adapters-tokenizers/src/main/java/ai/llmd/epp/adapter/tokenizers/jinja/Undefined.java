package ai.llmd.epp.adapter.tokenizers.jinja;

/** A variable or member that is not there: empty text, false, and an error when more is asked. */
enum Undefined {
  UNDEFINED
}
