package ai.llmd.epp.simulator.engine;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One sequence to generate: what goes in and what is going to come out.
 *
 * @param model the model or adapter that is asked; keeps its cache blocks apart from others'
 * @param adapter the LoRA adapter that needs a slot, null for the base model
 * @param promptTokens token ids, at least one; not copied
 * @param outputTokens token ids of the answer, decided beforehand; may be empty; not copied
 * @param finishReason why the sequence ends when all output is generated
 * @param hasRemotePrefill the prompt was computed elsewhere, so its transfer is paid and not its
 *     prefill
 * @param cacheHitThreshold least share of the prompt that must be cached, within {@code [0, 1]};
 *     below it the sequence ends at once with {@link FinishReason#CACHE_THRESHOLD}
 */
@SuppressWarnings("ArrayRecordComponent") // large, and never compared
public record Job(
    String model,
    @Nullable String adapter,
    int[] promptTokens,
    int[] outputTokens,
    FinishReason finishReason,
    boolean hasRemotePrefill,
    double cacheHitThreshold) {

  public Job {
    Objects.requireNonNull(model);
    if (promptTokens.length == 0) {
      throw new IllegalArgumentException("promptTokens must not be empty");
    }
    if (!(cacheHitThreshold >= 0 && cacheHitThreshold <= 1)) {
      throw new IllegalArgumentException(
          "cacheHitThreshold must be within 0 and 1, was " + cacheHitThreshold);
    }
  }
}
