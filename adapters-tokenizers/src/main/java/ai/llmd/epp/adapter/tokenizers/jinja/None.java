package ai.llmd.epp.adapter.tokenizers.jinja;

/** Python's {@code None}, JSON's null. */
public enum None {
  NONE
}
