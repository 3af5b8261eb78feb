package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.application.producer.TokenProducer.EndpointDiscovery;
import ai.llmd.epp.application.producer.TokenProducer.Local;
import ai.llmd.epp.application.producer.TokenProducer.Parameters;
import ai.llmd.epp.application.producer.TokenProducer.Vllm;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.state.SharedState;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

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
    Local local = parameters.local();
    if (local != null) {
      return new ExactTokenProducer(
          context.name(),
          context.service(PromptTokenizers.class).local(settings(local, context)),
          new PoolObserver() {},
          estimate::tokenize,
          maxKeptBytes(),
          context.service(SharedState.class).hashSecret());
    }
    Vllm vllm = Objects.requireNonNullElse(parameters.vllm(), Vllm.DEFAULT);
    EndpointDiscovery discovery = vllm.endpointDiscovery();
    DiscoveredRenderers discovered = discovery == null ? null : new DiscoveredRenderers(discovery);
    return new ExactTokenProducer(
        context.name(),
        context
            .service(PromptTokenizers.class)
            .vllm(
                new PromptTokenizers.Vllm(
                    discovered == null ? named(vllm.url()) : discovered,
                    discovery == null ? null : discovery.attemptTimeout(),
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
        discovered == null ? new PoolObserver() {} : discovered,
        estimate::tokenize,
        maxKeptBytes(),
        context.service(SharedState.class).hashSecret());
  }

  private static PromptTokenizers.Local settings(Local local, PluginContext context) {
    return new PromptTokenizers.Local(
        local.tokenizer(),
        local.chatTemplate(),
        local.contentFormat(),
        local.timeout(),
        local.threads(),
        maxKeptBytes(),
        context.service(SharedState.class).hashSecret());
  }

  private static long maxKeptBytes() {
    return Math.min(MAX_KEPT_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
  }

  private static Supplier<List<URI>> named(String url) {
    URI renderer = URI.create(url);
    boolean isHttp = "http".equals(renderer.getScheme()) || "https".equals(renderer.getScheme());
    if (!isHttp || renderer.getHost() == null || renderer.getQuery() != null) {
      throw new IllegalArgumentException("url must be http(s)://host[:port][/path], was " + url);
    }
    List<URI> only = List.of(renderer);
    return () -> only;
  }
}
