package ai.llmd.epp.domain.request;

import java.util.List;

/**
 * One prompt of a request; a completion may carry several, a chat has one.
 *
 * @param pieces what the model reads, in order
 * @param placed assets that are among the pieces' token ids already, in order
 */
public record Prompt(List<PromptPiece> pieces, List<PlacedAsset> placed) {

  public Prompt {
    pieces = List.copyOf(pieces);
    placed = List.copyOf(placed);
  }

  /** A prompt whose assets, if any, are pieces of their own. */
  public Prompt(List<PromptPiece> pieces) {
    this(pieces, List.of());
  }
}
