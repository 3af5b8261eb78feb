package ai.llmd.epp.application.parsing;

/** What a parser made of a body. */
public sealed interface ParseOutcome {

  /** The body is what its path promises. */
  record Parsed(ParsedBody body) implements ParseOutcome {}

  /**
   * The body is not what its path promises.
   *
   * @param error a sentence for the client, without anything of the prompt
   */
  record Malformed(String error) implements ParseOutcome {}
}
