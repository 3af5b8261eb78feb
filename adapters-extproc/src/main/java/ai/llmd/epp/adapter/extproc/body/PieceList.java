package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.ArrayList;
import java.util.List;

/** Gathers the pieces of a prompt. */
public final class PieceList {

  private final List<PromptPiece> pieces = new ArrayList<>();

  public PieceList text(Utf8Text text) {
    pieces.add(new PromptPiece.Text(text));
    return this;
  }

  public PieceList textUnlessEmpty(BodyText text) {
    return text.isEmpty() ? this : text(text);
  }

  public void asset(Modality modality, Utf8Text content) {
    pieces.add(new PromptPiece.Asset(modality, content));
  }

  public void addAll(PieceList others) {
    pieces.addAll(others.pieces);
  }

  public void clear() {
    pieces.clear();
  }

  public Prompt toPrompt() {
    return new Prompt(pieces);
  }
}
