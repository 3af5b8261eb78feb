package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import java.util.ArrayList;
import java.util.List;

/** {@code /v1/completions}: each string of the {@code prompt} is a prompt of its own. */
final class CompletionView implements ApiView {

  private final PromptInput prompt = new PromptInput();

  @Override
  public boolean read(FieldReader fields) {
    if (!fields.json().keyFoldsTo("prompt")) {
      return false;
    }
    prompt.read(fields);
    return true;
  }

  @Override
  public boolean isComplete() {
    return !prompt.isEmpty();
  }

  @Override
  public List<Prompt> prompts() {
    if (prompt.hasTokenIds()) {
      return List.of(new Prompt(List.of(new PromptPiece.TokenIds(prompt.tokenIds()))));
    }
    if (prompt.hasTooManyTexts()) {
      return List.of(); // routed without its prompts
    }
    List<Prompt> prompts = new ArrayList<>();
    for (BodyText text : prompt.texts()) {
      prompts.add(new PieceList().textUnlessEmpty(text).toPrompt());
    }
    return prompts;
  }
}
