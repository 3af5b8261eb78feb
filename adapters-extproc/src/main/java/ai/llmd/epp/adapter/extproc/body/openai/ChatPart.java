package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.Texts;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;

/**
 * One part of a chat message's content: a text, an image, a video or a sound.
 *
 * <p>The address of an asset may stand alone, as a string, where the API has an object around it; a
 * part without a type is what the first asset in it is; and a bare string is a text. vLLM reads all
 * of these. Anything else is a part of an unknown type, which leaves nothing in the prompt.
 */
final class ChatPart {

  private static final String TEXT = "text";
  private static final String IMAGE = "image_url";
  private static final String VIDEO = "video_url";
  private static final String AUDIO = "audio_url";
  private static final String INPUT_AUDIO = "input_audio";

  private BodyText type = BodyText.EMPTY;
  private boolean hasType;
  private String impliedType = "";
  private boolean hasUnreadableAsset;
  private BodyText text = BodyText.EMPTY;
  private BodyText imageUrl = BodyText.EMPTY;
  private BodyText videoUrl = BodyText.EMPTY;
  private BodyText audioUrl = BodyText.EMPTY;
  private BodyText audioData = BodyText.EMPTY;
  private BodyText audioFormat = BodyText.EMPTY;

  private ChatPart() {}

  static ChatPart read(FieldReader fields) {
    ChatPart part = new ChatPart();
    if (fields.json().kind() == JsonKind.STRING) {
      part.impliedType = TEXT;
      part.text = BodyText.read(fields.json());
    } else if (fields.entersObject()) {
      while (fields.json().nextMember()) {
        part.readMember(fields);
      }
    }
    return part;
  }

  private void readMember(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("type")) {
      hasType = json.kind() != JsonKind.NULL;
      type = fields.text(BodyText.EMPTY);
    } else if (json.keyFoldsTo(TEXT)) {
      text = fields.text(text);
    } else if (json.keyFoldsTo(IMAGE)) {
      imageUrl = url(fields, IMAGE, imageUrl);
    } else if (json.keyFoldsTo(VIDEO)) {
      videoUrl = url(fields, VIDEO, videoUrl);
    } else if (json.keyFoldsTo(AUDIO)) {
      audioUrl = url(fields, AUDIO, audioUrl);
    } else if (json.keyFoldsTo(INPUT_AUDIO)) {
      readInputAudio(fields);
    } else {
      json.skip();
    }
  }

  private BodyText url(FieldReader fields, String key, BodyText before) {
    if (isPlainText(fields, key)) {
      return BodyText.read(fields.json());
    }
    BodyText url = before;
    if (fields.entersObject()) {
      while (fields.json().nextMember()) {
        if (fields.json().keyFoldsTo("url")) {
          url = assetText(fields, url);
        } else {
          fields.json().skip();
        }
      }
    }
    return url;
  }

  private void readInputAudio(FieldReader fields) {
    JsonScanner json = fields.json();
    if (isPlainText(fields, INPUT_AUDIO)) {
      audioData = BodyText.read(json);
    } else if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("data")) {
          audioData = assetText(fields, audioData);
        } else if (json.keyFoldsTo("format")) {
          audioFormat = assetText(fields, audioFormat);
        } else {
          json.skip();
        }
      }
    }
  }

  /** Takes note of an asset; whether it is a string, and not an object. */
  private boolean isPlainText(FieldReader fields, String key) {
    JsonKind kind = fields.json().kind();
    boolean isText = kind == JsonKind.STRING;
    hasUnreadableAsset = !isText && kind != JsonKind.OBJECT && kind != JsonKind.NULL;
    if (impliedType.isEmpty() && kind != JsonKind.NULL) {
      impliedType = key;
    }
    return isText;
  }

  private BodyText assetText(FieldReader fields, BodyText before) {
    JsonKind kind = fields.json().kind();
    hasUnreadableAsset |= kind != JsonKind.STRING && kind != JsonKind.NULL;
    return fields.text(before);
  }

  private boolean isOfType(String wanted) {
    return hasType ? type.contentEquals(wanted) : impliedType.equals(wanted);
  }

  /** Parts of a type that is not known leave nothing. */
  void addTo(PieceList pieces) {
    if (isOfType(TEXT)) {
      pieces.textUnlessEmpty(text);
    } else if (!hasUnreadableAsset) {
      addAssetTo(pieces);
    }
  }

  private void addAssetTo(PieceList pieces) {
    if (isOfType(IMAGE)) {
      pieces.asset(Modality.IMAGE, imageUrl);
    } else if (isOfType(VIDEO)) {
      pieces.asset(Modality.VIDEO, videoUrl);
    } else if (isOfType(INPUT_AUDIO) || isOfType(AUDIO)) {
      pieces.asset(Modality.AUDIO, Texts.joined(audioData, audioFormat, audioUrl));
    }
  }
}
