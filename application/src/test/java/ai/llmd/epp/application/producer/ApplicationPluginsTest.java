package ai.llmd.epp.application.producer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ApplicationPluginsTest {

  private static final Map<Class<?>, Object> SERVICES =
      Map.of(
          SharedState.class,
          new SharedState(SharedState.Budget.DEFAULT),
          PrefixRecorder.class,
          new PrefixRecorder(1, failure -> {}),
          PrefixObserver.class,
          PrefixObserver.NONE,
          InFlightObserver.class,
          InFlightObserver.NONE);

  @Test
  void areFoundAndBuiltWithTheirDefaults() {
    assertThat(types())
        .extracting(PluginType::name)
        .containsExactly(
            "token-producer",
            "tokenizer",
            "approx-prefix-cache-producer",
            "inflight-load-producer",
            "agent-identity");
    for (PluginType<?> type : types()) {
      Plugin plugin = type.create(type.defaults(), new Context(type.name()));
      assertThat(plugin).isInstanceOfAny(Producer.class, RequestIdentifier.class);
    }
  }

  @Test
  void produceWhatTheyAreTheDefaultFor() {
    List<String> keys = new ArrayList<>();
    for (PluginType<?> type : types()) {
      String key = type.defaultProducerOf();
      if (key != null) {
        keys.add(key);
        assertThat(type.create(type.defaults(), new Context(type.name())).produces())
            .extracting(Object::toString)
            .contains(key);
      }
    }
    assertThat(keys)
        .containsExactly(
            "TokenizedPrompt/token-producer",
            "PrefixCacheMatchInfoDataKey/approx-prefix-cache-producer",
            "InFlightLoadDataKey/inflight-load-producer");
  }

  @Test
  void nameTheSuccessorOfADeprecatedType() {
    assertThat(types().get(1).replacement()).contains("token-producer");
    assertThat(types().get(1).reportedAs()).isEqualTo("token-producer");
  }

  private static List<PluginType<?>> types() {
    return ServiceLoader.load(PluginCatalogue.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(ApplicationPlugins.class::isInstance)
        .findFirst()
        .orElseThrow()
        .types();
  }

  private record Context(String name) implements PluginContext {

    @Override
    public Optional<Plugin> plugin(String other) {
      return Optional.empty();
    }

    @Override
    public <T> T service(Class<T> type) {
      return type.cast(Objects.requireNonNull(SERVICES.get(type)));
    }
  }
}
