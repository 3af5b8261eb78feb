package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.Outdated;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
   * {@code modelName} is given; the model's own files, read by this program, where {@code local}
   * is; otherwise an estimate.
   *
   * @param modelName the model that is served; selects the {@code vllm} backend
   * @param vllm where vLLM is and how it is asked; needs {@code modelName}
   * @param local the model's own files; excludes {@code vllm}
   * @param udsTokenizerConfig a tokenizer service of former versions, which is not asked: with a
   *     {@code socketFile} tokens are estimated, and a warning says so; needs {@code modelName}
   * @param estimate how assets are estimated
   */
  public record Parameters(
      String modelName,
      @Nullable Vllm vllm,
      @Nullable Local local,
      @Nullable UdsTokenizerConfig udsTokenizerConfig,
      EstimateParameters estimate)
      implements Outdated {

    public static final Parameters DEFAULT =
        new Parameters("", null, null, null, EstimateParameters.DEFAULT);

    public Parameters {
      if (vllm != null && modelName.isEmpty()) {
        throw new IllegalArgumentException("modelName must be given with vllm");
      }
      boolean hasService = isService(udsTokenizerConfig);
      if (hasService && vllm != null) {
        throw new IllegalArgumentException(
            "vllm and udsTokenizerConfig ask for different backends");
      }
      if (hasService && modelName.isEmpty()) {
        throw new IllegalArgumentException("modelName must be given with udsTokenizerConfig");
      }
      if (local != null && (vllm != null || hasService)) {
        throw new IllegalArgumentException(
            "local excludes vllm and udsTokenizerConfig: they ask for different backends");
      }
      boolean isOther = !modelName.isEmpty() || local != null;
      if (isOther && !estimate.equals(EstimateParameters.DEFAULT)) {
        throw new IllegalArgumentException(
            (local == null ? "modelName" : "local") + " and estimate ask for different backends");
      }
    }

    /** Whether the model's own tokenizer is asked. */
    public boolean isExact() {
      return local != null || (!modelName.isEmpty() && !isService(udsTokenizerConfig));
    }

    @Override
    public List<String> deprecations() {
      List<String> hints = new ArrayList<>();
      if (isService(udsTokenizerConfig)) {
        hints.add(
            "udsTokenizerConfig: the tokenizer service is not asked, tokens are estimated; exact"
                + " matches of prefixes need vllm instead");
      }
      EndpointDiscovery renderers = vllm == null ? null : vllm.endpointDiscovery();
      if (renderers != null && renderers.discoverModelLimits()) {
        hints.add(
            "discoverModelLimits: renderers are not asked how long prompts may be; name a label"
                + " that has the limit as contextLimitLabel");
      }
      return hints;
    }

    private static boolean isService(@Nullable UdsTokenizerConfig config) {
      return config != null && !config.socketFile().isEmpty();
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
   * @param endpointDiscovery has the pool's own endpoints asked, instead of {@code url}
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
      boolean hasOwn =
          !url.isEmpty()
              || !caCertPath.isEmpty()
              || !clientCertPath.isEmpty()
              || !clientKeyPath.isEmpty()
              || insecureSkipVerify;
      if (endpointDiscovery != null && hasOwn) {
        throw new IllegalArgumentException(
            "endpointDiscovery excludes url, caCertPath, clientCertPath, clientKeyPath and"
                + " insecureSkipVerify: the pool's endpoints are asked over http");
      }
      url = url.isEmpty() ? "http://localhost:8000" : url.replaceAll("/+$", "");
      timeout = timeout.isPositive() ? timeout : Duration.ofSeconds(5);
      mmTimeout = mmTimeout.isPositive() ? mmTimeout : Duration.ofSeconds(30);
    }
  }

  /**
   * The model's own files, which this program reads: nothing else is asked, and nothing is
   * downloaded.
   *
   * @param tokenizer path of the model's {@code tokenizer.json}, or of the folder that has it
   * @param chatTemplate path of its chat template, or of a JSON file that has it as {@code
   *     chat_template}; by default {@code chat_template.jinja} or {@code tokenizer_config.json}
   *     beside the tokenizer
   * @param contentFormat how messages are handed to the template, as vLLM's {@code
   *     --chat-template-content-format}: {@code auto}, {@code string} or {@code openai}; empty is
   *     {@code auto}
   * @param timeout of one request; 0 is {@code 2s}
   * @param threads that compute tokens, 0 to 256; 0 is half as many as there are processors
   */
  public record Local(
      String tokenizer, String chatTemplate, String contentFormat, Duration timeout, int threads) {

    private static final Set<String> FORMATS = Set.of("", "auto", "string", "openai");
    private static final int MAX_THREADS = 256;

    public Local {
      if (tokenizer.isEmpty()) {
        throw new IllegalArgumentException("tokenizer must be given with local");
      }
      if (!FORMATS.contains(contentFormat)) {
        throw new IllegalArgumentException(
            "contentFormat must be auto, string or openai, was " + contentFormat);
      }
      if (threads < 0 || threads > MAX_THREADS) {
        throw new IllegalArgumentException("threads must be from 0 to 256, was " + threads);
      }
      timeout = timeout.isPositive() ? timeout : Duration.ofSeconds(2);
    }
  }

  /**
   * Renderers among the pool's endpoints, asked in turn. What fails on the way, or is answered 408,
   * 429 or 5xx, is tried once more at another one.
   *
   * @param portRules where they render, if not where they serve; an endpoint that no rule matches
   *     is left out
   * @param loadBalancer how one is chosen
   * @param attemptTimeout limit of each attempt; none by default
   * @param discoverModelLimits without effect: endpoints are not asked how long prompts may be, and
   *     a warning says so
   * @param minModelLen tokens of a prompt that a renderer must have room for, 0 or more
   * @param contextLimitLabel the label that has an endpoint's room; empty for any room
   */
  public record EndpointDiscovery(
      List<PortRule> portRules,
      LoadBalancer loadBalancer,
      @Nullable Duration attemptTimeout,
      boolean discoverModelLimits,
      int minModelLen,
      String contextLimitLabel) {

    public EndpointDiscovery {
      portRules = List.copyOf(portRules);
      if (attemptTimeout != null && !attemptTimeout.isPositive()) {
        throw new IllegalArgumentException("attemptTimeout must be above 0");
      }
      if (minModelLen < 0) {
        throw new IllegalArgumentException("minModelLen must be 0 or more, was " + minModelLen);
      }
      if (minModelLen > 0 && contextLimitLabel.isEmpty() && !discoverModelLimits) {
        throw new IllegalArgumentException("minModelLen needs contextLimitLabel");
      }
    }
  }

  /**
   * At which port endpoints render.
   *
   * @param selector of the endpoints, by their labels; without a term it matches all
   * @param basePort of rank 0, 1 to 65535; each further rank has the next one
   */
  public record PortRule(LabelSelectorFilter.Parameters selector, int basePort) {

    private static final int MAX_PORT = 65_535;

    public PortRule {
      if (basePort < 1 || basePort > MAX_PORT) {
        throw new IllegalArgumentException("basePort must be from 1 to 65535, was " + basePort);
      }
    }
  }

  /**
   * How a renderer is chosen.
   *
   * @param type {@code round-robin}; empty is the same
   */
  public record LoadBalancer(String type) {

    public LoadBalancer {
      if (!type.isEmpty() && !"round-robin".equals(type)) {
        throw new IllegalArgumentException("type must be round-robin, was " + type);
      }
    }
  }

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
