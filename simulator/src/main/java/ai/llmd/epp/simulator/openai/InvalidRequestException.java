package ai.llmd.epp.simulator.openai;

/** The body is not a request of this kind. */
public final class InvalidRequestException extends RuntimeException {

  private final String sentence;

  /**
   * @param sentence for the client; quotes no prompt
   */
  public InvalidRequestException(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  /** What is wrong, for the client. */
  public String sentence() {
    return sentence;
  }
}
