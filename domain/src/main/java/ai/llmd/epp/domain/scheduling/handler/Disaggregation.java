package ai.llmd.epp.domain.scheduling.handler;

/** Over which stages the work of a request was spread. */
public enum Disaggregation {
  /** One endpoint does everything. */
  DECODE_ONLY("decode-only"),
  /** Another endpoint computes the prompt. */
  PREFILL_DECODE("prefill-decode"),
  /** Other endpoints encode images and the like. */
  ENCODE_DECODE("encode-decode"),
  /** Both. */
  ENCODE_PREFILL_DECODE("encode-prefill-decode");

  private final String label;

  Disaggregation(String label) {
    this.label = label;
  }

  /** As metrics show it. */
  public String label() {
    return label;
  }

  /** Which one it is of a request whose prompt was encoded or computed elsewhere, or was not. */
  public static Disaggregation of(boolean isEncoded, boolean isPrefilled) {
    if (isEncoded) {
      return isPrefilled ? ENCODE_PREFILL_DECODE : ENCODE_DECODE;
    }
    return isPrefilled ? PREFILL_DECODE : DECODE_ONLY;
  }
}
