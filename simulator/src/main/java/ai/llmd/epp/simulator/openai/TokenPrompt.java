package ai.llmd.epp.simulator.openai;

/**
 * One prompt of a request.
 *
 * @param tokens token ids, at least one; not copied
 * @param echo what the echo mode answers: the last message, or the prompt itself
 */
@SuppressWarnings("ArrayRecordComponent") // large, and never compared
public record TokenPrompt(int[] tokens, String echo) {

  @Override
  public String toString() {
    return "TokenPrompt[" + tokens.length + " tokens]"; // never the text itself
  }
}
