package ai.llmd.epp.application.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.application.producer.EstimateParameters;
import ai.llmd.epp.application.producer.Requests;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.application.producer.TokenProducer.EndpointDiscovery;
import ai.llmd.epp.application.producer.TokenProducer.LoadBalancer;
import ai.llmd.epp.application.producer.TokenProducer.Parameters;
import ai.llmd.epp.application.producer.TokenProducer.PortRule;
import ai.llmd.epp.application.producer.TokenProducer.Vllm;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import ai.llmd.epp.domain.state.SharedState;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenPluginsTest {

  private final List<PromptTokenizers.Vllm> asked = new ArrayList<>();
  private final List<PromptTokenizers.Local> askedLocally = new ArrayList<>();

  @Test
  void estimatesUnlessAModelIsNamed() {
    Plugin plugin = build(Parameters.DEFAULT);
    assertThat(plugin).isInstanceOf(TokenProducer.class);
    assertThat(plugin.produces()).containsExactly(TokenizedPrompt.KEY);
    assertThat(asked).isEmpty();
  }

  @Test
  void readsTheModelsOwnFilesForItsTokens() {
    var local = new TokenProducer.Local("/model", "/chat.jinja", "openai", Duration.ZERO, 3);
    Plugin plugin = build(new Parameters("", null, local, null, EstimateParameters.DEFAULT));
    assertThat(plugin).isInstanceOf(ExactTokenProducer.class);
    assertThat(plugin.produces()).contains(ExactTokenProducer.MODEL_TOKENS);
    assertThat(asked).isEmpty();
    PromptTokenizers.Local settings = askedLocally.getFirst();
    assertThat(settings.tokenizer()).isEqualTo("/model");
    assertThat(settings.chatTemplate()).isEqualTo("/chat.jinja");
    assertThat(settings.contentFormat()).isEqualTo("openai");
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.threads()).isEqualTo(3);
    assertThat(settings.maxKeptBytes()).isPositive();
  }

  @Test
  void asksARendererForTheModelsOwnTokens() {
    var vllm =
        new Vllm(
            "http://r:8000//",
            Duration.ofSeconds(1),
            Duration.ZERO,
            "native",
            "",
            "",
            "",
            "",
            false,
            true,
            false,
            null);
    Plugin plugin = build(new Parameters("m", vllm, null, null, EstimateParameters.DEFAULT));
    assertThat(plugin).isInstanceOf(ExactTokenProducer.class);
    assertThat(plugin.produces())
        .containsExactlyInAnyOrder(TokenizedPrompt.KEY, ExactTokenProducer.MODEL_TOKENS);
    assertThat(asked.getFirst().renderers().get()).containsExactly(URI.create("http://r:8000"));
    assertThat(asked)
        .containsExactly(
            new PromptTokenizers.Vllm(
                asked.getFirst().renderers(),
                null,
                "m",
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                "native",
                "",
                true,
                false,
                "",
                "",
                "",
                false));
  }

  @Test
  void aModelAloneIsRenderedOnThisMachineWithoutTensors() {
    build(new Parameters("m", null, null, null, EstimateParameters.DEFAULT));
    assertThat(asked.getFirst().renderers().get())
        .containsExactly(URI.create("http://localhost:8000"));
    assertThat(asked.getFirst().omitsMediaTensors()).isTrue();
  }

  @Test
  void asksThePoolsOwnEndpointsWhereTheyAreDiscovered() {
    var rules =
        List.of(new PortRule(new LabelSelectorFilter.Parameters(Map.of(), List.of()), 8200));
    var discovery =
        new EndpointDiscovery(rules, new LoadBalancer(""), Duration.ofSeconds(1), false, 0, "");
    var vllm =
        new Vllm(
            "", Duration.ZERO, Duration.ZERO, "", "", "", "", "", false, false, null, discovery);
    var producer =
        (ExactTokenProducer)
            build(new Parameters("m", vllm, null, null, EstimateParameters.DEFAULT));
    assertThat(asked.getFirst().attemptTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(asked.getFirst().renderers().get()).isEmpty();
    EndpointState endpoint = Requests.endpoint(4);
    producer.added(endpoint);
    assertThat(asked.getFirst().renderers().get())
        .containsExactly(URI.create("http://10.0.0.5:8200"));
    producer.removed(endpoint, () -> {});
    assertThat(asked.getFirst().renderers().get()).isEmpty();
  }

  @Test
  void refusesAUrlBesideEndpointsThatAreDiscovered() {
    var discovery = new EndpointDiscovery(List.of(), new LoadBalancer(""), null, false, 0, "");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Vllm(
                    "http://r:8000",
                    Duration.ZERO,
                    Duration.ZERO,
                    "",
                    "",
                    "",
                    "",
                    "",
                    false,
                    false,
                    null,
                    discovery))
        .withMessageContaining("endpointDiscovery excludes url");
  }

  @Test
  void nameTheSuccessorOfADeprecatedType() {
    PluginType<?> old = new TokenPlugins().types().get(1);
    assertThat(old.name()).isEqualTo("tokenizer");
    assertThat(old.replacement()).contains("token-producer");
    assertThat(old.reportedAs()).isEqualTo("token-producer");
  }

  private Plugin build(Parameters parameters) {
    return TokenPlugins.TOKEN_PRODUCER.create(parameters, new Context());
  }

  private final class Context implements PluginContext {

    @Override
    public String name() {
      return "token-producer";
    }

    @Override
    public Optional<Plugin> plugin(String name) {
      return Optional.empty();
    }

    @Override
    public <T> T service(Class<T> type) {
      if (type == SharedState.class) {
        return type.cast(new SharedState(SharedState.Budget.DEFAULT));
      }
      PromptTokenizers tokenizers =
          new PromptTokenizers() {
            @Override
            public PromptTokenizer vllm(PromptTokenizers.Vllm settings) {
              asked.add(settings);
              return new NoTokenizer();
            }

            @Override
            public PromptTokenizer local(PromptTokenizers.Local settings) {
              askedLocally.add(settings);
              return new NoTokenizer();
            }
          };
      return type.cast(tokenizers);
    }
  }
}
