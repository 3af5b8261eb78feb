package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.ArrayList;
import java.util.List;

/** Gathers the pieces of a prompt. */
final class PieceList {

  private final List<PromptPiece> pieces = new ArrayList<>();

  PieceList text(Utf8Text text) {
    pieces.add(new PromptPiece.Text(text));
    return this;
  }

  PieceList textUnlessEmpty(BodyText text) {
    return text.isEmpty() ? this : text(text);
  }

  void asset(Modality modality, Utf8Text content) {
    pieces.add(new PromptPiece.Asset(modality, content));
  }

  void addAll(PieceList others) {
    pieces.addAll(others.pieces);
  }

  void clear() {
    pieces.clear();
  }

  Prompt toPrompt() {
    return new Prompt(pieces);
  }
}
