package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the tokens of a request's prompts, without a tokenizer: four bytes of text count as one
 * token, images and the like as many as they would roughly be to a model.
 *
 * <p>The tokens are not those of any model. They serve to compare prompts and to weigh them.
 */
public final class TokenProducer implements Producer {

  /**
   * Which backend finds the tokens: vLLM, which renders prompts as the model reads them, where
   * {@code modelName} is given; otherwise an estimate.
   *
   * @param modelName the model that is served; selects the {@code vllm} backend
   * @param vllm where vLLM is and how it is asked; needs {@code modelName}
   * @param udsTokenizerConfig not available
   * @param estimate how assets are estimated
   */
  public record Parameters(
      String modelName,
      @Nullable Vllm vllm,
      @Nullable UdsTokenizerConfig udsTokenizerConfig,
      EstimateParameters estimate) {

    public static final Parameters DEFAULT =
        new Parameters("", null, null, EstimateParameters.DEFAULT);

    public Parameters {
      if (vllm != null && modelName.isEmpty()) {
        throw new IllegalArgumentException("modelName must be given with vllm");
      }
      if (udsTokenizerConfig != null && !udsTokenizerConfig.socketFile().isEmpty()) {
        throw new IllegalArgumentException(
            "udsTokenizerConfig asks for a tokenizer backend that is not available; vllm is");
      }
      if (!modelName.isEmpty() && !estimate.equals(EstimateParameters.DEFAULT)) {
        throw new IllegalArgumentException("modelName and estimate ask for different backends");
      }
    }

    /** Whether the model's own tokenizer is asked. */
    public boolean isExact() {
      return !modelName.isEmpty();
    }
  }

  /**
   * A model server that renders prompts.
   *
   * @param url where it serves; empty is {@code http://localhost:8000}
   * @param timeout for a completion; 0 is {@code 5s}
   * @param mmTimeout for chats and the like, where it is longer; 0 is {@code 30s}
   * @param messagesRenderMode {@code auto}, {@code native} or {@code legacy}; empty is {@code auto}
   * @param responsesRenderMode the same for the Responses API
   * @param caCertPath PEM file of the authorities that are trusted
   * @param clientCertPath PEM file of the client's certificates; with {@code clientKeyPath}
   * @param clientKeyPath PEM file of the client's private key, PKCS#8
   * @param insecureSkipVerify whether any certificate is accepted
   * @param prefillOnly whether the rendered copy asks for one output token only
   * @param omitMMKwargs whether the media's tensors are left out of the answer; true unless it is
   *     set to false
   * @param endpointDiscovery not available: one address is asked
   */
  public record Vllm(
      String url,
      Duration timeout,
      Duration mmTimeout,
      String messagesRenderMode,
      String responsesRenderMode,
      String caCertPath,
      String clientCertPath,
      String clientKeyPath,
      boolean insecureSkipVerify,
      boolean prefillOnly,
      @Nullable Boolean omitMMKwargs,
      @Nullable EndpointDiscovery endpointDiscovery) {

    /** Where only the model is named. */
    public static final Vllm DEFAULT =
        new Vllm("", Duration.ZERO, Duration.ZERO, "", "", "", "", "", false, false, null, null);

    public Vllm {
      url = url.isEmpty() ? "http://localhost:8000" : url.replaceAll("/+$", "");
      timeout = timeout.isPositive() ? timeout : Duration.ofSeconds(5);
      mmTimeout = mmTimeout.isPositive() ? mmTimeout : Duration.ofSeconds(30);
      if (endpointDiscovery != null) {
        throw new IllegalArgumentException(
            "endpointDiscovery is not available; url names one renderer");
      }
    }
  }

  /**
   * Renderers among the pool's endpoints.
   *
   * @param attemptTimeout limit of each attempt
   */
  public record EndpointDiscovery(Duration attemptTimeout) {}

  /**
   * A tokenizer service beside this program.
   *
   * @param socketFile path of its Unix socket
   * @param useTCP whether it listens on a port instead
   * @param modelTokenizerMap names of tokenizers by model
   */
  public record UdsTokenizerConfig(
      String socketFile, boolean useTCP, Map<String, String> modelTokenizerMap) {

    public UdsTokenizerConfig {
      modelTokenizerMap = Map.copyOf(modelTokenizerMap);
    }
  }

  private final FactKey<TokenizedPrompt> declared;
  private final PromptEstimator estimator;

  /** A producer under the name that consumers read. */
  public TokenProducer(Parameters parameters) {
    this(TokenizedPrompt.DEFAULT_PRODUCER, parameters);
  }

  /**
   * @param name instance name
   */
  public TokenProducer(String name, Parameters parameters) {
    this.declared = new FactKey<>(TokenizedPrompt.KEY.dataType(), name, TokenizedPrompt.KEY.type());
    this.estimator = new PromptEstimator(parameters.estimate());
  }

  /**
   * The key under the instance's own name, which no plugin reads unless it is the default one: then
   * a default instance joins, and of the two the one that runs first finds the tokens.
   */
  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(declared);
  }

  /** A request has one tokenized prompt, whoever was first, and it is found under one key. */
  @Override
  public Produced produce(SchedulingCycle cycle) {
    if (cycle.facts().get(TokenizedPrompt.KEY) == null) {
      TokenizedPrompt prompt = tokenize(cycle.request());
      if (prompt != null) {
        cycle.facts().put(TokenizedPrompt.KEY, prompt);
      }
    }
    return Produced.NOW;
  }

  /** The tokens of a request's prompts, or null when there are none. Any thread. */
  public @Nullable TokenizedPrompt tokenize(InferenceRequest request) {
    TokenizedPrompt prompt = estimator.estimate(request);
    return prompt.totalTokens() == 0 ? null : prompt;
  }
}
