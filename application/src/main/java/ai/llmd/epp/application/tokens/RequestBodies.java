package ai.llmd.epp.application.tokens;

import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.List;

/** Which bodies a renderer could read. */
final class RequestBodies {

  private static final int UNSEEN = -1;

  private RequestBodies() {}

  /** Whether a body is a gRPC message, which begins with a 0 or a 1; no text does. */
  static boolean isGrpcMessage(Utf8Text body) {
    int[] first = {UNSEEN};
    body.writeTo(
        (bytes, offset, length) -> {
          if (first[0] == UNSEEN && length > 0) {
            first[0] = bytes[offset];
          }
        });
    return first[0] == 0 || first[0] == 1;
  }

  /** Whether the request brings the tokens of all its prompts along. */
  static boolean hasTokens(InferenceRequest request) {
    List<Prompt> prompts = request.prompts();
    for (Prompt prompt : prompts) {
      for (PromptPiece piece : prompt.pieces()) {
        if (!(piece instanceof PromptPiece.TokenIds)) {
          return false;
        }
      }
    }
    return !prompts.isEmpty();
  }
}
