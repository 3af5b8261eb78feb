package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.Texts;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/**
 * One block of a message's content, or of a tool's result within it. What lies deeper than a tool's
 * result is not used, and no block is an error: what the picker does not know, or finds in a form
 * that it does not expect, leaves no text.
 */
final class AnthropicBlock {

  /** Clients put their billing data into the system text; it changes with every request. */
  private static final String BILLING_HEADER = "x-anthropic-billing-header";

  private static final Utf8Text LINE_BREAK = Utf8Text.of("\n");
  private static final Utf8Text DATA_URL_START = Utf8Text.of("data:");
  private static final Utf8Text DEFAULT_MEDIA_TYPE = Utf8Text.of("image/jpeg");
  private static final Utf8Text BASE64_MARK = Utf8Text.of(";base64,");

  private final byte[] body;
  private final FieldReader fields;

  private BodyText type = BodyText.EMPTY;
  private BodyText text = BodyText.EMPTY;
  private BodyText thinking = BodyText.EMPTY;
  private BodyText id = BodyText.EMPTY;
  private BodyText name = BodyText.EMPTY;
  private @Nullable Utf8Text input;
  private BodyText sourceMediaType = BodyText.EMPTY;
  private BodyText sourceData = BodyText.EMPTY;
  private BodyText sourceUrl = BodyText.EMPTY;
  private @Nullable PieceList resultTexts;
  private @Nullable PieceList resultImages;

  private AnthropicBlock(byte[] body, FieldReader fields) {
    this.body = body;
    this.fields = fields;
  }

  /** Reads the block that stands here. */
  static AnthropicBlock read(byte[] body, FieldReader fields) {
    return read(body, fields, true);
  }

  private static AnthropicBlock read(byte[] body, FieldReader fields, boolean isOutermost) {
    AnthropicBlock block = new AnthropicBlock(body, fields);
    JsonScanner json = fields.json();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (isOutermost && json.keyFoldsTo("content")) {
          block.readResult(json);
        } else {
          block.readMember(json);
        }
      }
    }
    return block;
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
      if (json.keyFoldsTo("media_type")) {
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

  private void readResult(JsonScanner json) {
    resultTexts = new PieceList();
    resultImages = new PieceList();
    if (json.kind() == JsonKind.STRING) {
      resultTexts.textUnlessEmpty(BodyText.read(json));
    } else if (fields.entersArray()) {
      readResultBlocks(json, resultTexts, resultImages);
    }
  }

  private void readResultBlocks(JsonScanner json, PieceList texts, PieceList images) {
    boolean isFirstText = true;
    while (json.nextElement()) {
      AnthropicBlock block = read(body, fields, false);
      if (block.isOfType("text")) {
        if (!isFirstText) {
          texts.text(LINE_BREAK);
        }
        isFirstText = false;
        texts.textUnlessEmpty(block.text);
      } else if (block.isOfType("image")) {
        block.addResultImageTo(images);
      }
    }
  }

  private boolean isOfType(String wanted) {
    return type.contentEquals(wanted);
  }

  /** As part of the system text, only texts count, and no billing data. */
  void addToSystem(PieceList pieces) {
    if (isOfType("text") && !text.startsWith(BILLING_HEADER)) {
      pieces.textUnlessEmpty(text);
    }
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
    if (resultTexts != null && resultImages != null) {
      pieces.addAll(resultTexts);
      pieces.addAll(resultImages);
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
