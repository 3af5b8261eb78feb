package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.Texts;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.json.JsonScanner;

/** One part of a chat message's content: a text, an image, a video or a sound. */
final class ChatPart {

  private BodyText type = BodyText.EMPTY;
  private BodyText text = BodyText.EMPTY;
  private BodyText imageUrl = BodyText.EMPTY;
  private BodyText videoUrl = BodyText.EMPTY;
  private BodyText audioData = BodyText.EMPTY;
  private BodyText audioFormat = BodyText.EMPTY;

  private ChatPart() {}

  static ChatPart read(FieldReader fields) {
    ChatPart part = new ChatPart();
    if (fields.entersObject()) {
      while (fields.json().nextMember()) {
        part.readMember(fields);
      }
    }
    return part;
  }

  private void readMember(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.keyFoldsTo("type")) {
      type = fields.text(type);
    } else if (json.keyFoldsTo("text")) {
      text = fields.text(text);
    } else if (json.keyFoldsTo("image_url")) {
      imageUrl = url(fields, imageUrl);
    } else if (json.keyFoldsTo("video_url")) {
      videoUrl = url(fields, videoUrl);
    } else if (json.keyFoldsTo("input_audio")) {
      readAudio(fields);
    } else {
      json.skip();
    }
  }

  private static BodyText url(FieldReader fields, BodyText before) {
    BodyText url = before;
    if (fields.entersObject()) {
      while (fields.json().nextMember()) {
        if (fields.json().keyFoldsTo("url")) {
          url = fields.text(url);
        } else {
          fields.json().skip();
        }
      }
    }
    return url;
  }

  private void readAudio(FieldReader fields) {
    JsonScanner json = fields.json();
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("data")) {
          audioData = fields.text(audioData);
        } else if (json.keyFoldsTo("format")) {
          audioFormat = fields.text(audioFormat);
        } else {
          json.skip();
        }
      }
    }
  }

  /** Parts of a type that is not known leave nothing. */
  void addTo(PieceList pieces) {
    if (type.contentEquals("text")) {
      pieces.textUnlessEmpty(text);
    } else if (type.contentEquals("image_url")) {
      pieces.asset(Modality.IMAGE, imageUrl);
    } else if (type.contentEquals("video_url")) {
      pieces.asset(Modality.VIDEO, videoUrl);
    } else if (type.contentEquals("input_audio") || type.contentEquals("audio_url")) {
      pieces.asset(Modality.AUDIO, Texts.joined(audioData, audioFormat));
    }
  }
}
