package ai.llmd.epp.adapter.tokenizers;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How prompts are rendered.
 *
 * @param modelName the model of probes; that of a request is its own
 * @param timeout for a completion, all attempts together
 * @param mmTimeout for prompts that may have media, where that is longer
 * @param attemptTimeout for each attempt; null for none of its own
 * @param messages how the Messages API is rendered
 * @param responses how the Responses API is rendered
 * @param isPrefillOnly whether the rendered copy asks for one output token only
 * @param omitsMediaTensors whether the rendered copy asks not to get the media's tensors back
 */
public record RenderSettings(
    String modelName,
    Duration timeout,
    Duration mmTimeout,
    @Nullable Duration attemptTimeout,
    RenderMode messages,
    RenderMode responses,
    boolean isPrefillOnly,
    boolean omitsMediaTensors) {

  /** Where nothing else is configured. */
  public static RenderSettings ofModel(String modelName) {
    return new RenderSettings(
        modelName,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        null,
        RenderMode.AUTO,
        RenderMode.AUTO,
        false,
        true);
  }

  Duration longest() {
    return timeout.compareTo(mmTimeout) > 0 ? timeout : mmTimeout;
  }
}
