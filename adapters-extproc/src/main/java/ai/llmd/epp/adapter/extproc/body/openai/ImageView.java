package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;

/** {@code /v1/images/generations}: checked, but no prompt for prefix matching, as upstream. */
final class ImageView implements ApiView {

  private BodyText prompt = BodyText.EMPTY;

  @Override
  public boolean read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("prompt")) {
      prompt = fields.text(prompt);
    } else if (json.keyFoldsTo("n") || json.keyFoldsTo("num_inference_steps")) {
      fields.skipInteger();
    } else if (json.keyFoldsTo("size")) {
      fields.skip(JsonKind.STRING);
    } else {
      return false;
    }
    return true;
  }

  @Override
  public boolean isComplete() {
    return !prompt.isEmpty();
  }

  @Override
  public List<Prompt> prompts() {
    return List.of();
  }
}
