package ai.llmd.epp.application.port.out;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes tokenizers. */
public interface PromptTokenizers {

  /**
   * One that has vLLM render prompts.
   *
   * @throws IllegalArgumentException if a setting cannot be used
   */
  PromptTokenizer vllm(Vllm settings);

  /**
   * How vLLM is asked.
   *
   * @param renderers where they are now, without a path and without a slash at the end
   * @param attemptTimeout limit of each attempt; null for none
   * @param modelName the model of probes
   * @param timeout for a completion
   * @param mmTimeout for prompts that may have media, where that is longer
   * @param messagesMode {@code auto}, {@code native} or {@code legacy}; empty is {@code auto}
   * @param responsesMode the same
   * @param isPrefillOnly whether the rendered copy asks for one output token only
   * @param omitsMediaTensors whether the rendered copy asks not to get the media's tensors back
   * @param caCertPath PEM file of the authorities; empty for those that are trusted anyway
   * @param clientCertPath PEM file of our certificates; empty for none
   * @param clientKeyPath PEM file of our private key
   * @param isUnverified whether any certificate is accepted
   */
  record Vllm(
      Supplier<List<URI>> renderers,
      @Nullable Duration attemptTimeout,
      String modelName,
      Duration timeout,
      Duration mmTimeout,
      String messagesMode,
      String responsesMode,
      boolean isPrefillOnly,
      boolean omitsMediaTensors,
      String caCertPath,
      String clientCertPath,
      String clientKeyPath,
      boolean isUnverified) {}
}
