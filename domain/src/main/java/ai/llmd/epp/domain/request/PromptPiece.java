package ai.llmd.epp.domain.request;

/** One piece of a prompt, in the order in which the model reads them. */
public sealed interface PromptPiece {

  /** Text, to be tokenised. */
  record Text(Utf8Text utf8) implements PromptPiece {}

  /** Tokens as the client sent them, each an unsigned 32-bit id. */
  @SuppressWarnings("ArrayRecordComponent") // large, and never compared
  record TokenIds(int[] ids) implements PromptPiece {

    @Override
    public String toString() {
      return "TokenIds[" + ids.length + "]";
    }
  }

  /**
   * An image, a video or a sound.
   *
   * @param content the URL, data URL or base64 text that identifies it
   */
  record Asset(Modality modality, Utf8Text content) implements PromptPiece {}

  /** What kind of asset a piece is. */
  enum Modality {
    IMAGE,
    VIDEO,
    AUDIO
  }
}
