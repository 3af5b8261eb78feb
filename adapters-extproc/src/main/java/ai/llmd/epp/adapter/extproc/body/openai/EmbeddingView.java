package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.CanonicalText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.openai.PromptInput.Form;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;

/**
 * {@code /v1/embeddings}. The prompt is the reference's own object around the {@code input}, with
 * its field names and in their order (request-control specification, 5.3). vLLM takes {@code
 * messages} instead, which are not read.
 */
final class EmbeddingView implements ApiView {

  private static final Utf8Text BEFORE_STRING = Utf8Text.of("{\"Raw\":");
  private static final Utf8Text AFTER_STRING = Utf8Text.of(",\"Strings\":null,\"TokenIDs\":null}");
  private static final Utf8Text BEFORE_ARRAY = Utf8Text.of("{\"Raw\":\"\",\"Strings\":");
  private static final Utf8Text AFTER_ARRAY = Utf8Text.of(",\"TokenIDs\":null}");

  private final byte[] body;
  private final PromptInput input = new PromptInput();
  private boolean hasMessages;

  EmbeddingView(byte[] body) {
    this.body = body;
  }

  @Override
  public boolean read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("input")) {
      input.read(fields);
    } else if (json.keyFoldsTo("messages")) {
      hasMessages = fields.passesSomething();
    } else {
      return false;
    }
    return true;
  }

  @Override
  public boolean isComplete() {
    return hasMessages || (input.form() != Form.NOTHING && input.form() != Form.NO_PROMPT);
  }

  @Override
  public List<Prompt> prompts() {
    return switch (input.form()) {
      case TEXT -> textPrompt(BEFORE_STRING, AFTER_STRING);
      case TEXTS -> textPrompt(BEFORE_ARRAY, AFTER_ARRAY);
      case TOKEN_IDS, TOKEN_ARRAYS -> input.tokenPrompts();
      case NOTHING, UNREADABLE, NO_PROMPT -> List.of();
    };
  }

  private List<Prompt> textPrompt(Utf8Text before, Utf8Text after) {
    Utf8Text value = new CanonicalText(body, input.start(), input.end());
    return List.of(new PieceList().text(before).text(value).text(after).toPrompt());
  }
}
