package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of a messages request, while its body is being read: the prompt is the tools, the
 * system text, then for each message its role and its content, without anything between.
 */
final class AnthropicMessages implements JsonBody.Members {

  private final byte[] body;
  private final FieldReader fields;
  private final PieceList system = new PieceList();
  private final PieceList messages = new PieceList();
  private final PieceList content = new PieceList(); // of one message, reused
  private int messageCount;
  private @Nullable PieceList tools;
  private BodyText cacheSalt = BodyText.EMPTY;
  private boolean hasWrongContent;

  AnthropicMessages(byte[] body, FieldReader fields) {
    this.body = body;
    this.fields = fields;
  }

  @Override
  public boolean read(JsonScanner json) {
    if (json.keyFoldsTo("messages")) {
      readMessages(json);
    } else if (json.keyFoldsTo("system")) {
      readSystem(json);
    } else if (json.keyFoldsTo("tools")) {
      tools = AnthropicTool.readAll(body, fields);
    } else if (json.keyFoldsTo("cache_salt")) {
      cacheSalt = fields.text(cacheSalt);
    } else {
      return false;
    }
    return true;
  }

  private void readSystem(JsonScanner json) {
    system.clear();
    readContent(json, block -> block.addToSystem(system), system);
  }

  private void readMessages(JsonScanner json) {
    messages.clear();
    messageCount = 0;
    if (fields.entersArray()) {
      while (json.nextElement()) {
        messageCount++;
        readMessage(json);
      }
    }
  }

  private void readMessage(JsonScanner json) {
    BodyText role = BodyText.EMPTY;
    content.clear();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("role")) {
          role = fields.text(role);
        } else if (json.keyFoldsTo("content")) {
          content.clear();
          readContent(json, block -> block.addTo(content), content);
        } else {
          json.skip();
        }
      }
    }
    messages.textUnlessEmpty(role).addAll(content);
  }

  /** Reads a string into the pieces, or each block of an array according to its use. */
  private void readContent(JsonScanner json, Consumer<AnthropicBlock> use, PieceList pieces) {
    if (json.kind() == JsonKind.STRING) {
      pieces.textUnlessEmpty(BodyText.read(json));
      return;
    }
    boolean wasSpoiled = fields.isSpoiled();
    if (fields.entersArray()) {
      while (json.nextElement()) {
        use.accept(AnthropicBlock.read(body, fields));
      }
    }
    hasWrongContent |= !wasSpoiled && fields.isSpoiled();
  }

  /** The error for the client; null when the request is as it has to be. */
  @Nullable String malformed() {
    if (hasWrongContent) {
      return "error parsing messages request: "
          + "anthropic content: must be a string or an array of content blocks";
    }
    if (fields.isSpoiled()) {
      return "error parsing messages request: json: a field has the wrong type";
    }
    return messageCount == 0 ? "invalid messages request: must have at least one message" : null;
  }

  List<Prompt> prompts() {
    PieceList pieces = new PieceList();
    if (tools != null) {
      pieces.addAll(tools);
    }
    pieces.addAll(system);
    pieces.addAll(messages);
    return List.of(pieces.toPrompt());
  }

  String cacheSalt() {
    return cacheSalt.content();
  }
}
