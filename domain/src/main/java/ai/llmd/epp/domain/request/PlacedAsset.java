package ai.llmd.epp.domain.request;

import ai.llmd.epp.domain.request.PromptPiece.Modality;

/**
 * An image, a video or a sound that a client has put among its token ids itself: its content is not
 * in the request, only what stands for it.
 *
 * @param hash identifies the content; empty when the client did not say
 * @param offset first token that stands for it, 0 or more
 * @param length number of tokens that stand for it, 0 or more
 */
public record PlacedAsset(Modality modality, String hash, int offset, int length) {

  /** An asset at a place as a client wrote it, brought into the range of an offset. */
  public static PlacedAsset at(Modality modality, String hash, long offset, long length) {
    return new PlacedAsset(
        modality,
        hash,
        Math.clamp(offset, 0, Integer.MAX_VALUE),
        Math.clamp(length, 0, Integer.MAX_VALUE));
  }
}
