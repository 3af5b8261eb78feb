package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.CanonicalText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/chat/completions}: the prompt is the tools, then for each message its role and its
 * content, without anything between. A message, a content or a part that is not understood counts
 * as one without text.
 */
final class ChatView implements ApiView {

  private final byte[] body;
  private final PieceList messages = new PieceList();
  private final PieceList content = new PieceList(); // of one message, reused
  private boolean hasMessages;
  private boolean isReadable;
  private boolean hasNumberAsContent;
  private @Nullable Utf8Text tools;

  ChatView(byte[] body) {
    this.body = body;
  }

  @Override
  public boolean read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("messages")) {
      readMessages(fields);
    } else if (json.keyFoldsTo("tools")) {
      readTools(fields);
    } else {
      return false;
    }
    return true;
  }

  private void readTools(FieldReader fields) {
    JsonScanner json = fields.json();
    tools = null;
    int start = json.position();
    boolean hasElement = false;
    if (fields.entersArray()) {
      while (json.nextElement()) {
        json.skip();
        hasElement = true;
      }
    }
    if (hasElement) {
      tools = new CanonicalText(body, start, json.position());
    }
  }

  private void readMessages(FieldReader fields) {
    messages.clear();
    hasMessages = false;
    hasNumberAsContent = false;
    isReadable = fields.json().kind() == JsonKind.ARRAY;
    if (!isReadable) {
      hasMessages = fields.passesSomething();
      return;
    }
    fields.json().enter();
    while (fields.json().nextElement()) {
      hasMessages = true;
      readMessage(fields);
    }
  }

  private void readMessage(FieldReader fields) {
    JsonScanner json = fields.json();
    BodyText role = BodyText.EMPTY;
    boolean isNumber = false;
    content.clear();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("role")) {
          role = fields.text(role);
        } else if (json.keyFoldsTo("content")) {
          isNumber = json.kind() == JsonKind.NUMBER;
          readContent(fields);
        } else {
          json.skip();
        }
      }
    }
    hasNumberAsContent |= isNumber;
    messages.textUnlessEmpty(role).addAll(content);
  }

  private void readContent(FieldReader fields) {
    content.clear();
    JsonScanner json = fields.json();
    if (json.kind() == JsonKind.STRING) {
      content.textUnlessEmpty(BodyText.read(json));
    } else if (fields.entersArray()) {
      while (json.nextElement()) {
        ChatPart.read(fields).addTo(content);
      }
    }
  }

  /** The reference was recorded refusing a number as content. */
  @Override
  public boolean isComplete() {
    return hasMessages && !hasNumberAsContent;
  }

  @Override
  public List<Prompt> prompts() {
    if (!isReadable) {
      return List.of();
    }
    if (tools == null) {
      return List.of(messages.toPrompt());
    }
    PieceList pieces = new PieceList().text(tools);
    pieces.addAll(messages);
    return List.of(pieces.toPrompt());
  }
}
