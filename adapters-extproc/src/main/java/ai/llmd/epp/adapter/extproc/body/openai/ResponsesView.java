package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.CanonicalText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/responses}: the prompt is a JSON list of the messages, instructions first. Without an
 * {@code input} it is what an earlier response, a conversation or a stored prompt holds, which only
 * the model server knows.
 */
final class ResponsesView implements ApiView {

  private static final Utf8Text OPENING = Utf8Text.of("[");
  private static final Utf8Text BEFORE_INSTRUCTIONS = Utf8Text.of("{\"instructions\":");
  private static final Utf8Text BEFORE_TOOLS = Utf8Text.of("{\"tools\":");
  private static final Utf8Text BEFORE_INPUT = Utf8Text.of("{\"input\":");
  private static final Utf8Text BETWEEN = Utf8Text.of("},");
  private static final Utf8Text CLOSING = Utf8Text.of("}]");

  private final byte[] body;
  private @Nullable Utf8Text instructions;
  private @Nullable Utf8Text tools;
  private @Nullable Utf8Text input;
  private boolean hasPreviousResponse;
  private boolean hasConversation;
  private boolean hasStoredPrompt;
  private String previousResponse = "";
  private String conversation = "";
  private boolean isStored = true; // unless the client does not want it

  ResponsesView(byte[] body) {
    this.body = body;
  }

  @Override
  public boolean read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("input")) {
      input = value(json);
    } else if (json.keyFoldsTo("instructions")) {
      instructions = value(json);
    } else if (json.keyFoldsTo("tools")) {
      tools = value(json);
    } else if (json.keyFoldsTo("previous_response_id")) {
      boolean isText = json.kind() == JsonKind.STRING;
      previousResponse = isText ? text(json) : "";
      hasPreviousResponse = isText ? !previousResponse.isEmpty() : fields.passesSomething();
    } else if (json.keyFoldsTo("conversation")) {
      readConversation(fields);
    } else if (json.keyFoldsTo("store")) {
      isStored = json.kind() != JsonKind.FALSE;
      json.skip();
    } else if (json.keyFoldsTo("prompt")) {
      hasStoredPrompt = fields.passesSomething();
    } else {
      return false;
    }
    return true;
  }

  /** Its id, or an object that has it. */
  private void readConversation(FieldReader fields) {
    JsonScanner json = fields.json();
    conversation = "";
    if (json.kind() == JsonKind.STRING) {
      conversation = text(json);
      hasConversation = !conversation.isEmpty();
    } else if (json.kind() == JsonKind.OBJECT) {
      hasConversation = true;
      json.enter();
      while (json.nextMember()) {
        if (json.keyFoldsTo("id") && json.kind() == JsonKind.STRING) {
          conversation = text(json);
        } else {
          json.skip();
        }
      }
    } else {
      hasConversation = fields.passesSomething();
    }
  }

  private static String text(JsonScanner json) {
    return BodyText.read(json).name();
  }

  @Override
  public StoredAnswers stored() {
    return new StoredAnswers(
        previousResponse.isEmpty() ? conversation : previousResponse, isStored);
  }

  private @Nullable Utf8Text value(JsonScanner json) {
    boolean isNull = json.kind() == JsonKind.NULL;
    int start = json.position();
    json.skip();
    return isNull ? null : new CanonicalText(body, start, json.position());
  }

  @Override
  public boolean isComplete() {
    return input != null || hasPreviousResponse || hasConversation || hasStoredPrompt;
  }

  @Override
  public List<Prompt> prompts() {
    if (input == null) {
      return List.of();
    }
    PieceList pieces = new PieceList().text(OPENING);
    if (instructions != null) {
      pieces.text(BEFORE_INSTRUCTIONS).text(instructions).text(BETWEEN);
    }
    if (tools != null) {
      pieces.text(BEFORE_TOOLS).text(tools).text(BETWEEN);
    }
    pieces.text(BEFORE_INPUT).text(input);
    return List.of(pieces.text(CLOSING).toPrompt());
  }
}
