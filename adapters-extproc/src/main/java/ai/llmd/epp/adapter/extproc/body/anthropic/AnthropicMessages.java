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
 * system text, then for each message its role and its content, without anything between. A message
 * or a block that is not understood counts as one without text.
 */
final class AnthropicMessages implements JsonBody.Members {

  private final byte[] body;
  private final FieldReader fields;
  private final PieceList system = new PieceList();
  private final PieceList messages = new PieceList();
  private final PieceList content = new PieceList(); // of one message, reused
  private boolean hasMessages;
  private boolean isReadable;
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
    hasMessages = false;
    hasWrongContent = false;
    isReadable = json.kind() == JsonKind.ARRAY;
    if (!isReadable) {
      hasMessages = fields.passesSomething();
      return;
    }
    json.enter();
    while (json.nextElement()) {
      hasMessages = true;
      readMessage(json);
    }
  }

  private void readMessage(JsonScanner json) {
    BodyText role = BodyText.EMPTY;
    boolean isWrong = false;
    content.clear();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("role")) {
          role = fields.text(role);
        } else if (json.keyFoldsTo("content")) {
          content.clear();
          isWrong = !isContent(json.kind());
          readContent(json, block -> block.addTo(content), content);
        } else {
          json.skip();
        }
      }
    }
    hasWrongContent |= isWrong;
    messages.textUnlessEmpty(role).addAll(content);
  }

  private static boolean isContent(JsonKind kind) {
    return kind == JsonKind.STRING || kind == JsonKind.ARRAY || kind == JsonKind.NULL;
  }

  /** Reads a string into the pieces, or each block of an array according to its use. */
  private void readContent(JsonScanner json, Consumer<AnthropicBlock> use, PieceList pieces) {
    if (json.kind() == JsonKind.STRING) {
      pieces.textUnlessEmpty(BodyText.read(json));
    } else if (fields.entersArray()) {
      while (json.nextElement()) {
        use.accept(AnthropicBlock.read(body, fields));
      }
    }
  }

  /** The error for the client; null when the request is as it has to be. */
  @Nullable String malformed() {
    if (hasWrongContent) {
      return "error parsing messages request: "
          + "anthropic content: must be a string or an array of content blocks";
    }
    return hasMessages ? null : "invalid messages request: must have at least one message";
  }

  List<Prompt> prompts() {
    if (!isReadable) {
      return List.of();
    }
    PieceList pieces = new PieceList();
    if (tools != null) {
      pieces.addAll(tools);
    }
    pieces.addAll(system);
    pieces.addAll(messages);
    return List.of(pieces.toPrompt());
  }

  String cacheSalt() {
    return cacheSalt.name();
  }
}
