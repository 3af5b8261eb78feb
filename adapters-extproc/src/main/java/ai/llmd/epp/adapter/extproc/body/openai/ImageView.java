package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.domain.request.Prompt;
import java.util.List;

/** {@code /v1/images/generations}: no prompt for prefix matching, as upstream. */
final class ImageView implements ApiView {

  private boolean hasPrompt;

  @Override
  public boolean read(FieldReader fields) {
    if (!fields.json().keyFoldsTo("prompt")) {
      return false;
    }
    hasPrompt = fields.passesSomething();
    return true;
  }

  @Override
  public boolean isComplete() {
    return hasPrompt;
  }

  @Override
  public List<Prompt> prompts() {
    return List.of();
  }
}
