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
   * One that finds tokens in this process, by the model's own files.
   *
   * @throws IllegalArgumentException if they cannot be read, or not be used here
   */
  PromptTokenizer local(Local settings);

  /**
   * Where the model's files are.
   *
   * @param tokenizer path of {@code tokenizer.json}, or of the folder that has it
   * @param chatTemplate path of a Jinja template, or of a JSON file that has one as {@code
   *     chat_template}; empty for what stands beside the tokenizer
   * @param contentFormat {@code auto}, {@code string} or {@code openai}: how messages are handed to
   *     the template
   * @param timeout of one request
   * @param threads that compute; 0 for half as many as there are processors
   * @param maxKeptBytes bound on the tokens of parts of prompts that are kept
   * @param secret of the keys under which they are
   */
  record Local(
      String tokenizer,
      String chatTemplate,
      String contentFormat,
      Duration timeout,
      int threads,
      long maxKeptBytes,
      long secret) {}

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
