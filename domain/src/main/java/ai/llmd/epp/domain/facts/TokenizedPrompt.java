package ai.llmd.epp.domain.facts;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import java.util.List;

/**
 * The prompts of a request as tokens, data key {@code TokenizedPrompt/<producer>}.
 *
 * <p>Tokens are not materialised: {@link #writeTokens} streams them, four bytes each,
 * little-endian, so that a block of them can be hashed straight from the request body.
 */
public interface TokenizedPrompt {

  /** The only producer that consumers read. */
  String DEFAULT_PRODUCER = "token-producer";

  FactKey<TokenizedPrompt> KEY =
      new FactKey<>("TokenizedPrompt", DEFAULT_PRODUCER, TokenizedPrompt.class);

  /** Number of prompts, in the order of the request. */
  int prompts();

  /** Tokens of one prompt, {@code 0 <= prompt < prompts()}. */
  int tokens(int prompt);

  /** Tokens of all prompts. */
  default long totalTokens() {
    long total = 0;
    for (int i = 0; i < prompts(); i++) {
      total += tokens(i);
    }
    return total;
  }

  /** Streams the tokens of one prompt: {@code 4 * tokens(prompt)} bytes, in any cut. */
  void writeTokens(int prompt, ByteSink sink);

  /** Separates prefix caches; empty when none. */
  String cacheSalt();

  /** Images, videos and sounds of one prompt, in order. */
  List<Feature> features(int prompt);

  /**
   * A multimodal part of a prompt.
   *
   * @param hash identifies the content
   * @param offset first placeholder token
   * @param length number of placeholder tokens
   */
  record Feature(Modality modality, String hash, int offset, int length) {}
}
