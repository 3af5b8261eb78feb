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
    add(new PromptPiece.Text(text), pieces);
    return this;
  }

  public PieceList textUnlessEmpty(BodyText text) {
    return text.isEmpty() ? this : text(text);
  }

  public void asset(Modality modality, Utf8Text content) {
    add(new PromptPiece.Asset(modality, content), pieces);
  }

  public void addAll(PieceList others) {
    int room = Math.min(MAX_PIECES - pieces.size(), others.pieces.size());
    pieces.addAll(others.pieces.subList(0, room));
  }

  /** Adds an item of which a body has many, unless there are {@value #MAX_PIECES} already. */
  public static <T> void add(T item, List<T> items) {
    if (items.size() < MAX_PIECES) {
      items.add(item);
    }
  }

  public void clear() {
    pieces.clear();
  }

  public Prompt toPrompt() {
    return new Prompt(pieces);
  }
}
