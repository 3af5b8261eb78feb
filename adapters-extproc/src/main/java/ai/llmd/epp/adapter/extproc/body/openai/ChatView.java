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
 * content, without anything between.
 */
final class ChatView implements ApiView {

  private final byte[] body;
  private final PieceList messages = new PieceList();
  private final PieceList content = new PieceList(); // of one message, reused
  private int messageCount;
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
    } else if (json.keyFoldsTo("documents")) {
      fields.skip(JsonKind.ARRAY);
    } else if (json.keyFoldsTo("chat_template")) {
      fields.skip(JsonKind.STRING);
    } else if (json.keyFoldsTo("chat_template_kwargs")) {
      fields.skip(JsonKind.OBJECT);
    } else if (json.keyFoldsTo("return_assistant_tokens_mask")
        || json.keyFoldsTo("continue_final_message")
        || json.keyFoldsTo("add_generation_prompt")) {
      fields.skipBoolean();
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
    messageCount = 0;
    if (fields.entersArray()) {
      while (fields.json().nextElement()) {
        messageCount++;
        readMessage(fields);
      }
    }
  }

  private void readMessage(FieldReader fields) {
    JsonScanner json = fields.json();
    BodyText role = BodyText.EMPTY;
    content.clear();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("role")) {
          role = fields.text(role);
        } else if (json.keyFoldsTo("content")) {
          readContent(fields);
        } else if (json.keyFoldsTo("tool_calls")) {
          fields.skip(JsonKind.ARRAY);
        } else {
          json.skip();
        }
      }
    }
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

  @Override
  public boolean isComplete() {
    return messageCount > 0;
  }

  @Override
  public List<Prompt> prompts() {
    if (tools == null) {
      return List.of(messages.toPrompt());
    }
    PieceList pieces = new PieceList().text(tools);
    pieces.addAll(messages);
    return List.of(pieces.toPrompt());
  }
}
