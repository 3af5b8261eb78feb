package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.Prompt;
import java.util.List;

/**
 * A request body after the one scan over its bytes.
 *
 * @param model empty when the body names none
 * @param outputTokenCap -1 when not said
 * @param modelRewrite how to put another model in; {@link ModelRewrite#NONE} when it cannot be done
 * @param skipsResponse the response is of no interest: the stream may end after the request
 */
public record ParsedBody(
    ApiKind api,
    String model,
    boolean isStreaming,
    long outputTokenCap,
    List<Prompt> prompts,
    String cacheSalt,
    ModelRewrite modelRewrite,
    boolean skipsResponse) {

  public ParsedBody {
    prompts = List.copyOf(prompts);
  }
}
