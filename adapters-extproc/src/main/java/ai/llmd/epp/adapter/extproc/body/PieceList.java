package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the pieces of a prompt, up to {@value #MAX_PIECES}: what comes behind them has no part in
 * routing. A hostile body would turn three bytes into pieces of two hundred.
 */
public final class PieceList {

  /** Pieces of one prompt, and items of whatever else a body has many of. */
  public static final int MAX_PIECES = 65_536;

  private final List<PromptPiece> pieces = new ArrayList<>();

  public PieceList text(Utf8Text text) {
    if (hasRoom()) {
      pieces.add(new PromptPiece.Text(text));
    }
    return this;
  }

  public PieceList textUnlessEmpty(BodyText text) {
    return text.isEmpty() ? this : text(text);
  }

  public void asset(Modality modality, Utf8Text content) {
    if (hasRoom()) {
      pieces.add(new PromptPiece.Asset(modality, content));
    }
  }

  public void addAll(PieceList others) {
    int room = Math.min(MAX_PIECES - pieces.size(), others.pieces.size());
    pieces.addAll(others.pieces.subList(0, room));
  }

  private boolean hasRoom() {
    return pieces.size() < MAX_PIECES;
  }

  public void clear() {
    pieces.clear();
  }

  public Prompt toPrompt() {
    return new Prompt(pieces);
  }
}
