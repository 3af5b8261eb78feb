package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.openai.PromptInput.Form;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /v1/completions}: each string, or each array of token ids, of the {@code prompt} is a
 * prompt of its own. vLLM takes {@code prompt_embeds} instead.
 */
final class CompletionView implements ApiView {

  private final PromptInput prompt = new PromptInput();
  private boolean hasEmbeds;

  @Override
  public boolean read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("prompt")) {
      prompt.read(fields);
    } else if (json.keyFoldsTo("prompt_embeds")) {
      hasEmbeds = fields.passesSomething();
    } else {
      return false;
    }
    return true;
  }

  @Override
  public boolean isComplete() {
    return hasEmbeds || (prompt.form() != Form.NOTHING && prompt.form() != Form.NO_PROMPT);
  }

  @Override
  public List<Prompt> prompts() {
    return switch (prompt.form()) {
      case TEXT, TEXTS -> textPrompts();
      case TOKEN_IDS, TOKEN_ARRAYS -> prompt.tokenPrompts();
      case NOTHING, UNREADABLE, NO_PROMPT -> List.of();
    };
  }

  private List<Prompt> textPrompts() {
    List<Prompt> prompts = new ArrayList<>();
    for (BodyText text : prompt.texts()) {
      prompts.add(new PieceList().textUnlessEmpty(text).toPrompt());
    }
    return prompts;
  }
}
