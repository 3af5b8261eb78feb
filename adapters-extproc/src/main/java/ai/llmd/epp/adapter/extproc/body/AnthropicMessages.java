package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.adapter.extproc.body.json.JsonKind;
import ai.llmd.epp.adapter.extproc.body.json.JsonScanner;
import ai.llmd.epp.adapter.extproc.body.json.JsonText;
import ai.llmd.epp.domain.request.Prompt;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of a messages request, while its body is being read: the prompt is the tools, the
 * system text, then for each message its role and its content, without anything between.
 */
final class AnthropicMessages implements JsonBody.Members {

  /** Clients put their billing data into the system text; it changes with every request. */
  private static final String BILLING_HEADER = "x-anthropic-billing-header";

  private final byte[] body;
  private final FieldReader fields;
  private final PieceList system = new PieceList();
  private final PieceList messages = new PieceList();
  private final List<AnthropicBlock> blocks = new ArrayList<>(); // of one content, reused
  private int messageCount;
  private @Nullable PieceList tools;
  private JsonText cacheSalt = JsonText.EMPTY;
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
    system.textUnlessEmpty(readContent(json));
    for (AnthropicBlock block : blocks) {
      if (block.isOfType("text") && !block.text().startsWith(BILLING_HEADER)) {
        system.textUnlessEmpty(block.text());
      }
    }
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
    JsonText role = JsonText.EMPTY;
    JsonText text = JsonText.EMPTY;
    blocks.clear();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("role")) {
          role = fields.text(role);
        } else if (json.keyFoldsTo("content")) {
          text = readContent(json);
        } else {
          json.skip();
        }
      }
    }
    messages.textUnlessEmpty(role).textUnlessEmpty(text);
    for (AnthropicBlock block : blocks) {
      block.addTo(messages);
    }
  }

  /** Reads a string, which is returned, or blocks, which are left in {@link #blocks}. */
  private JsonText readContent(JsonScanner json) {
    blocks.clear();
    switch (json.kind()) {
      case STRING -> {
        return json.text();
      }
      case ARRAY -> hasWrongContent |= !AnthropicBlock.readAll(body, fields, blocks);
      default -> {
        hasWrongContent |= json.kind() != JsonKind.NULL;
        json.skip();
      }
    }
    return JsonText.EMPTY;
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
