package ai.llmd.epp.application.parsing;

import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.StoredAnswers;
import java.util.List;

/**
 * A request body after the one scan over its bytes.
 *
 * @param model empty when the body names none
 * @param outputTokenCap -1 when the body sets none
 * @param modelRenaming how to put another model in; {@link ModelRenaming#NONE} when it cannot be
 *     done
 * @param skipsResponse the response is of no interest: the stream may end after the request
 * @param stored what it has to do with answers that servers keep
 */
public record ParsedBody(
    ApiKind api,
    String model,
    boolean isStreaming,
    long outputTokenCap,
    List<Prompt> prompts,
    String cacheSalt,
    ModelRenaming modelRenaming,
    boolean skipsResponse,
    StoredAnswers stored) {

  /** A request that has nothing to do with answers that servers keep. */
  public ParsedBody(
      ApiKind api,
      String model,
      boolean isStreaming,
      long outputTokenCap,
      List<Prompt> prompts,
      String cacheSalt,
      ModelRenaming modelRenaming,
      boolean skipsResponse) {
    this(
        api,
        model,
        isStreaming,
        outputTokenCap,
        prompts,
        cacheSalt,
        modelRenaming,
        skipsResponse,
        StoredAnswers.NONE);
  }

  public ParsedBody {
    prompts = List.copyOf(prompts);
  }
}
