package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
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

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              TokenizedPrompt.DEFAULT_PRODUCER,
              Parameters.DEFAULT,
              (parameters, context) -> new TokenProducer(context.name(), parameters))
          .producingByDefault(TokenizedPrompt.KEY.toString());

  /**
   * Which backend finds the tokens. Only {@code estimate} is available; configuring another one
   * stops the start.
   *
   * @param modelName selects the {@code vllm} backend when not empty
   * @param vllm selects the {@code vllm} backend when given
   * @param udsTokenizerConfig selects the tokenizer service when its socket is given
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
      if (vllm != null) {
        throw unavailable("vllm");
      }
      if (!modelName.isEmpty()) {
        throw unavailable("modelName");
      }
      if (udsTokenizerConfig != null && !udsTokenizerConfig.socketFile().isEmpty()) {
        throw unavailable("udsTokenizerConfig");
      }
    }

    private static IllegalArgumentException unavailable(String field) {
      return new IllegalArgumentException(
          field + " asks for a tokenizer backend that is not available yet; estimate is");
    }
  }

  /**
   * A model server that renders prompts. Durations as in {@code 5s}.
   *
   * @param url where it serves
   * @param timeout for a prompt of text
   * @param mmTimeout for a prompt with images and the like
   */
  public record Vllm(String url, String timeout, String mmTimeout) {}

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
