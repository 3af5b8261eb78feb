package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.CanonicalText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.List;

/**
 * {@code /v1/embeddings}. The prompt is the reference's own object around the {@code input}, with
 * its field names and in their order (request-control specification, 5.3).
 */
final class EmbeddingView implements ApiView {

  private static final Utf8Text BEFORE_STRING = Utf8Text.of("{\"Raw\":");
  private static final Utf8Text AFTER_STRING = Utf8Text.of(",\"Strings\":null,\"TokenIDs\":null}");
  private static final Utf8Text BEFORE_ARRAY = Utf8Text.of("{\"Raw\":\"\",\"Strings\":");
  private static final Utf8Text AFTER_ARRAY = Utf8Text.of(",\"TokenIDs\":null}");

  private final byte[] body;
  private final PromptInput input = new PromptInput();

  EmbeddingView(byte[] body) {
    this.body = body;
  }

  @Override
  public boolean read(FieldReader fields) {
    if (!fields.json().keyFoldsTo("input")) {
      return false;
    }
    input.read(fields);
    return true;
  }

  @Override
  public boolean isComplete() {
    return !input.isEmpty();
  }

  @Override
  public List<Prompt> prompts() {
    if (input.hasTokenIds()) {
      return List.of(new Prompt(List.of(new PromptPiece.TokenIds(input.tokenIds()))));
    }
    Utf8Text value = new CanonicalText(body, input.start(), input.end());
    return List.of(
        new PieceList()
            .text(input.isOfTexts() ? BEFORE_ARRAY : BEFORE_STRING)
            .text(value)
            .text(input.isOfTexts() ? AFTER_ARRAY : AFTER_STRING)
            .toPrompt());
  }
}
