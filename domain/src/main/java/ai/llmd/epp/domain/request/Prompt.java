package ai.llmd.epp.domain.request;

import java.util.List;

/** One prompt of a request; a completion may carry several, a chat has one. */
public record Prompt(List<PromptPiece> pieces) {

  public Prompt {
    pieces = List.copyOf(pieces);
  }
}
