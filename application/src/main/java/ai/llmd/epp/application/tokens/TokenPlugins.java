package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.application.producer.TokenProducer.Parameters;
import ai.llmd.epp.application.producer.TokenProducer.Vllm;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.state.SharedState;
import java.util.List;
import java.util.Objects;

/** What finds tokens: by the model's own tokenizer where one is configured, else by estimate. */
public final class TokenPlugins implements PluginCatalogue {

  public static final PluginType<Parameters> TOKEN_PRODUCER =
      PluginType.withContext(
              TokenizedPrompt.DEFAULT_PRODUCER, Parameters.DEFAULT, TokenPlugins::producer)
          .producingByDefault(TokenizedPrompt.KEY.toString());

  private static final long MAX_KEPT_BYTES = 64L << 20;
  private static final int HEAP_SHARE = 32;

  @Override
  public List<PluginType<?>> types() {
    return List.of(TOKEN_PRODUCER, TOKEN_PRODUCER.deprecatedAlias("tokenizer"));
  }

  private static Plugin producer(Parameters parameters, PluginContext context) {
    TokenProducer estimate = new TokenProducer(context.name(), parameters);
    if (!parameters.isExact()) {
      return estimate;
    }
    Vllm vllm = Objects.requireNonNullElse(parameters.vllm(), Vllm.DEFAULT);
    return new ExactTokenProducer(
        context.name(),
        context
            .service(PromptTokenizers.class)
            .vllm(
                new PromptTokenizers.Vllm(
                    vllm.url(),
                    parameters.modelName(),
                    vllm.timeout(),
                    vllm.mmTimeout(),
                    vllm.messagesRenderMode(),
                    vllm.responsesRenderMode(),
                    vllm.prefillOnly(),
                    !Boolean.FALSE.equals(vllm.omitMMKwargs()),
                    vllm.caCertPath(),
                    vllm.clientCertPath(),
                    vllm.clientKeyPath(),
                    vllm.insecureSkipVerify())),
        estimate::tokenize,
        Math.min(MAX_KEPT_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE),
        context.service(SharedState.class).hashSecret());
  }
}
