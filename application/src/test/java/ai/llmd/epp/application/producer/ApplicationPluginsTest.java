package ai.llmd.epp.application.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.KubernetesNotificationSource;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ApplicationPluginsTest {

  /** Name and type under which a producer counts its hits. */
  private static final List<String> counted = new ArrayList<>();

  private static final Map<Class<?>, Object> SERVICES =
      Map.of(
          SharedState.class,
          new SharedState(SharedState.Budget.DEFAULT),
          LocalChanges.class,
          LocalChanges.NONE,
          PrefixRecorder.class,
          new PrefixRecorder(1, failure -> {}),
          PrefixObserver.class,
          (PrefixObserver)
              (producer, type, indexedBlocks) -> {
                counted.add(producer + "/" + type);
                return PrefixObserver.Hits.NONE;
              },
          InFlightObserver.class,
          InFlightObserver.NONE,
          EncoderCacheObserver.class,
          EncoderCacheObserver.NONE);

  @Test
  void areFoundAndBuiltWithTheirDefaults() {
    assertThat(types())
        .extracting(PluginType::name)
        .containsExactly(
            "approx-prefix-cache-producer",
            "multicluster-approx-prefix-cache-producer",
            "inflight-load-producer",
            "mm-embeddings-cache-producer",
            "p2p-source-producer",
            "session-id-producer",
            "topology-extractor",
            "agent-identity",
            "endpoint-notification-source",
            "k8s-notification-source");
    for (PluginType<?> type : types()) {
      assertThat(build(type))
          .isInstanceOfAny(Producer.class, RequestIdentifier.class, DataSource.class);
    }
  }

  @Test
  void produceWhatTheyAreTheDefaultFor() {
    List<String> keys = new ArrayList<>();
    for (PluginType<?> type : types()) {
      String key = type.defaultProducerOf();
      if (key != null) {
        keys.add(key);
        assertThat(build(type).produces()).extracting(Object::toString).contains(key);
      }
    }
    assertThat(keys)
        .containsExactly(
            "PrefixCacheMatchInfoDataKey/approx-prefix-cache-producer",
            "InFlightLoadDataKey/inflight-load-producer",
            "MultiModalEncoderCacheMatchInfoKey/mm-embeddings-cache-producer",
            "SessionIDDataKey/session-id-producer");
  }

  @Test
  void oneTypeCannotBeBuiltWithoutParameters() {
    assertThatThrownBy(
            () ->
                SessionIdProducer.TYPE.create(
                    SessionIdProducer.TYPE.defaults(), new Context("session-id-producer")))
        .hasMessageContaining("exactly one of headerName and cookieName");
  }

  @Test
  void theMulticlusterTypeIsTheStockProducerUnderAnotherName() {
    PluginType<?> type = ApproxPrefixCacheProducer.MULTICLUSTER_TYPE;
    counted.clear();
    Plugin plugin = build(type);
    assertThat(plugin).isInstanceOf(ApproxPrefixCacheProducer.class);
    assertThat(plugin.produces())
        .extracting(Object::toString)
        .containsExactly("PrefixCacheMatchInfoDataKey/multicluster-approx-prefix-cache-producer");
    assertThat(counted)
        .containsExactly("multicluster-approx-prefix-cache-producer/approx-prefix-cache-producer");
    assertThat(type.stability()).isEqualTo(Stability.ALPHA);
    assertThat(type.defaultProducerOf()).isNull();
    assertThat(type.reportedAs()).isEqualTo(type.name());
    assertThat(type.defaults()).isEqualTo(ApproxPrefixCacheProducer.TYPE.defaults());
  }

  private static Plugin build(PluginType<?> type) {
    Record parameters = type.defaults();
    if (type.equals(SessionIdProducer.TYPE)) {
      parameters = new SessionIdProducer.Parameters("x-session", "");
    } else if (type.equals(KubernetesNotificationSource.TYPE)) {
      parameters = new KubernetesNotificationSource.Parameters("", "v1", "Pod");
    }
    return type.create(parameters, new Context(type.name()));
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
