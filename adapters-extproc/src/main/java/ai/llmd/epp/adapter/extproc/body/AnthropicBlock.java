package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.adapter.extproc.body.json.JsonKind;
import ai.llmd.epp.adapter.extproc.body.json.JsonScanner;
import ai.llmd.epp.adapter.extproc.body.json.JsonText;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One block of a message's content, or of a tool's result within it. What lies deeper than a tool's
 * result is neither checked nor used.
 */
final class AnthropicBlock {

  private static final Utf8Text LINE_BREAK = Utf8Text.of("\n");
  private static final Utf8Text DATA_URL_START = Utf8Text.of("data:");
  private static final Utf8Text DEFAULT_MEDIA_TYPE = Utf8Text.of("image/jpeg");
  private static final Utf8Text BASE64_MARK = Utf8Text.of(";base64,");

  private final byte[] body;
  private final FieldReader fields;

  private JsonText type = JsonText.EMPTY;
  private JsonText text = JsonText.EMPTY;
  private JsonText thinking = JsonText.EMPTY;
  private JsonText id = JsonText.EMPTY;
  private JsonText name = JsonText.EMPTY;
  private @Nullable Utf8Text input;
  private JsonText sourceMediaType = JsonText.EMPTY;
  private JsonText sourceData = JsonText.EMPTY;
  private JsonText sourceUrl = JsonText.EMPTY;
  private JsonText resultText = JsonText.EMPTY;
  private List<AnthropicBlock> resultBlocks = List.of();

  private AnthropicBlock(byte[] body, FieldReader fields) {
    this.body = body;
    this.fields = fields;
  }

  /**
   * Reads the array of blocks that stands here.
   *
   * @return whether all of it was as blocks have to be
   */
  static boolean readAll(byte[] body, FieldReader fields, List<AnthropicBlock> blocks) {
    return readAll(body, fields, blocks, true);
  }

  private static boolean readAll(
      byte[] body, FieldReader fields, List<AnthropicBlock> blocks, boolean isOutermost) {
    JsonScanner json = fields.json();
    boolean wasSpoiled = fields.isSpoiled();
    boolean isRight = true;
    json.enter();
    while (json.nextElement()) {
      AnthropicBlock block = new AnthropicBlock(body, fields);
      isRight &= block.read(isOutermost);
      blocks.add(block);
    }
    return isRight && (wasSpoiled || !fields.isSpoiled());
  }

  private boolean read(boolean isOutermost) {
    boolean isRight = true;
    if (fields.entersObject()) {
      while (fields.json().nextMember()) {
        if (isOutermost && fields.json().keyFoldsTo("content")) {
          isRight &= readResult();
        } else {
          readMember(fields.json());
        }
      }
    }
    return isRight;
  }

  private void readMember(JsonScanner json) {
    if (json.keyFoldsTo("type")) {
      type = fields.text(type);
    } else if (json.keyFoldsTo("text")) {
      text = fields.text(text);
    } else if (json.keyFoldsTo("thinking")) {
      thinking = fields.text(thinking);
    } else if (json.keyFoldsTo("id")) {
      id = fields.text(id);
    } else if (json.keyFoldsTo("name")) {
      name = fields.text(name);
    } else if (json.keyFoldsTo("tool_use_id")) {
      fields.skip(JsonKind.STRING);
    } else if (json.keyFoldsTo("input")) {
      int start = json.position();
      json.skip();
      input = Texts.span(body, start, json.position());
    } else if (json.keyFoldsTo("source")) {
      readSource(json);
    } else {
      json.skip();
    }
  }

  private void readSource(JsonScanner json) {
    if (!fields.entersObject()) {
      return;
    }
    while (json.nextMember()) {
      if (json.keyFoldsTo("type")) {
        fields.skip(JsonKind.STRING);
      } else if (json.keyFoldsTo("media_type")) {
        sourceMediaType = fields.text(sourceMediaType);
      } else if (json.keyFoldsTo("data")) {
        sourceData = fields.text(sourceData);
      } else if (json.keyFoldsTo("url")) {
        sourceUrl = fields.text(sourceUrl);
      } else {
        json.skip();
      }
    }
  }

  private boolean readResult() {
    JsonScanner json = fields.json();
    resultText = JsonText.EMPTY;
    resultBlocks = List.of();
    switch (json.kind()) {
      case STRING -> resultText = json.text();
      case ARRAY -> {
        resultBlocks = new ArrayList<>();
        return readAll(body, fields, resultBlocks, false);
      }
      default -> {
        boolean isNull = json.kind() == JsonKind.NULL;
        json.skip();
        return isNull;
      }
    }
    return true;
  }

  boolean isOfType(String wanted) {
    return type.contentEquals(wanted);
  }

  JsonText text() {
    return text;
  }

  /** Blocks of a type that is not known leave nothing. */
  void addTo(PieceList pieces) {
    if (isOfType("text")) {
      pieces.textUnlessEmpty(text);
    } else if (isOfType("thinking")) {
      pieces.textUnlessEmpty(thinking);
    } else if (isOfType("image")) {
      addImageTo(pieces);
    } else if (isOfType("tool_use")) {
      pieces.textUnlessEmpty(id).textUnlessEmpty(name);
      if (input != null) {
        pieces.text(input);
      }
    } else if (isOfType("tool_result")) {
      addResultTo(pieces);
    }
  }

  private void addImageTo(PieceList pieces) {
    if (!sourceUrl.isEmpty()) {
      pieces.asset(Modality.IMAGE, sourceUrl);
    } else if (!sourceData.isEmpty()) {
      pieces.asset(Modality.IMAGE, sourceData);
    }
  }

  private void addResultTo(PieceList pieces) {
    pieces.textUnlessEmpty(resultText);
    boolean isFirst = true;
    for (AnthropicBlock block : resultBlocks) {
      if (block.isOfType("text")) {
        if (!isFirst) {
          pieces.text(LINE_BREAK);
        }
        isFirst = false;
        pieces.textUnlessEmpty(block.text);
      }
    }
    for (AnthropicBlock block : resultBlocks) {
      if (block.isOfType("image")) {
        block.addResultImageTo(pieces);
      }
    }
  }

  private void addResultImageTo(PieceList pieces) {
    if (!sourceUrl.isEmpty()) {
      pieces.asset(Modality.IMAGE, sourceUrl);
    } else if (!sourceData.isEmpty()) {
      Utf8Text mediaType = sourceMediaType.isEmpty() ? DEFAULT_MEDIA_TYPE : sourceMediaType;
      pieces.asset(
          Modality.IMAGE, Texts.joined(DATA_URL_START, mediaType, BASE64_MARK, sourceData));
    }
  }
}
