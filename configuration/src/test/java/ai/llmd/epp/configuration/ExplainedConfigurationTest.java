package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainedConfigurationTest {

  /** These have to load, whatever else does. */
  static List<Path> examples() throws Exception {
    Path folder =
        Path.of(
            Objects.requireNonNull(ExplainedConfigurationTest.class.getResource("/examples"))
                .toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static String explained(EffectiveConfiguration configuration) {
    return new ExplainedConfiguration(configuration).text();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void readsAsTheConfigurationThatItExplains(Path example) throws Exception {
    EffectiveConfiguration loaded = RealPlugins.load(Files.readString(example));

    String text = explained(loaded);
    EffectiveConfiguration again = RealPlugins.load(text);

    assertThat(shape(again)).isEqualTo(shape(loaded));
    assertThat(settings(explained(again))).isEqualTo(settings(text));
    assertThat(order(explained(again))).isEqualTo(order(text)).isNotEmpty();
  }

  @Test
  void explainsTheBuiltInConfiguration() throws Exception {
    EffectiveConfiguration builtIn = RealPlugins.load(ConfigurationSource.of("", ""), null);

    String text = explained(builtIn);

    assertThat(shape(RealPlugins.load(text))).isEqualTo(shape(builtIn));
    assertThat(text).contains("- pluginRef: prefix-cache-scorer\n    weight: 3\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dataLayer: {injectDefaults: false}\nplugins: [{type: inflight-load-producer}]",
        "featureGates: [haPopulateNonLeaderDatastore=false]",
        "stateStore: {type: memory, memory: {prefixIndexMaxBytes: 2Mi, maxSessions: 7}}",
        "stateStore: {type: redis, lease: 4s, redis: {uri: \"rediss://h\", username: epp,"
            + " passwordFile: p, tls: {caFile: c, certFile: d, keyFile: e}, timeout: 2s}}",
        "stateStore: {type: redis, redis: {uri: \"redis-sentinel://a:1,b/main\","
            + " sentinelPasswordEnv: S}}",
        "stateStore: {type: redis, redis: {uri: \"redis://a,b\", cluster: true, maxEntries: 5000}}",
        "stateStore: {type: hazelcast, retention: 2m, backlogMaxBytes: 1Mi,"
            + " hazelcast: {members: [\"a:1\", b], port: 7, clusterName: c}}",
        "stateStore: {type: hazelcast, hazelcast: {serviceDns: epp.ns.svc, clientMode: true}}",
        "dataLayer: {crossReplicaSyncInterval: 1m30s}",
        "dataLayer: {crossReplica: {syncInterval: 1m30s, publishTimeout: 3s}}",
        "endpointHealth: {enabled: false}",
        "waiting: {budgets: [{pluginRef: max-score-picker, budget: 250ms}], messageTimeout: 2s,"
            + " breaker: {afterSpentBudgets: 3, pause: 1m}, deadlineHeaders: [X-Timeout-Ms]}",
        "featureGates: [conditionalDecode]",
        "plugins: [{type: header-profile-handler}]",
        "tenants: {prefixesByFairnessId: true, prefixesByHeader: X-Tenant}",
        "parser: {pluginRef: passthrough-parser}",
        "plugins: [{name: \"yes, a: #name\", type: queue-scorer}]",
        "plugins: [{type: utilization-detector}, {type: by-label-selector}, {type: queue-scorer}]"
      })
  void keepsWhatIsNotTheDefault(String text) throws InvalidDocumentException {
    EffectiveConfiguration loaded = RealPlugins.load(text);

    assertThat(shape(RealPlugins.load(explained(loaded)))).isEqualTo(shape(loaded));
  }

  @Test
  void explainsWhyEachPluginIsThereAndWhatItNeeds() throws InvalidDocumentException {
    String text =
        explained(RealPlugins.load("plugins: [{name: prefix, type: prefix-cache-scorer}]"));

    assertThat(text)
        .contains(
            """

            # declared; beta; scorer
            # requires PrefixCacheMatchInfoDataKey/approx-prefix-cache-producer
            - name: prefix
              type: prefix-cache-scorer
              parameters:
            """)
        .contains("# added by default; beta; picker\n- name: max-score-picker\n")
        .contains(
            "# created because prefix requires"
                + " PrefixCacheMatchInfoDataKey/approx-prefix-cache-producer;"
                + " beta; data producer, pre-request\n"
                + "# requires TokenizedPrompt/token-producer\n"
                + "# produces PrefixCacheMatchInfoDataKey/approx-prefix-cache-producer\n");
  }

  @Test
  void showsInWhichOrderPluginsRun() throws InvalidDocumentException {
    String text =
        explained(
            RealPlugins.load(
                """
                plugins:
                - {type: prefix-cache-scorer}
                - {type: queue-scorer}
                schedulingProfiles:
                - name: chat
                  plugins:
                  - {pluginRef: queue-scorer, weight: 2.5}
                  - {pluginRef: prefix-cache-scorer}
                """));

    assertThat(order(text))
        .containsSubsequence(
            "# - saturation detector: utilization-detector",
            "# - data producers: token-producer, approx-prefix-cache-producer",
            "# - profiles, as single-profile-handler chooses",
            "#   - chat: filters none; scorers queue-scorer × 2.5, prefix-cache-scorer × 1;"
                + " picker max-score-picker",
            "# - pre-request plugins: approx-prefix-cache-producer");
  }

  private static List<String> settings(String text) {
    return text.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).toList();
  }

  private static List<String> order(String text) {
    return text.lines().dropWhile(line -> !line.startsWith("# What runs")).toList();
  }

  /** Everything that a configuration comes to, but for the instances themselves. */
  private static List<Object> shape(EffectiveConfiguration configuration) {
    List<Object> shape = new ArrayList<>();
    configuration
        .built()
        .forEach(built -> shape.add(built.name() + "/" + built.type().name() + built.parameters()));
    shape.add(configuration.featureGates());
    shape.add(configuration.stateStore());
    shape.add(configuration.stages().avoidsFailingEndpoints());
    shape.add(configuration.stages().refusesUncached());
    shape.add(configuration.stages().separation());
    shape.add(configuration.dataLayer().crossReplicaSyncInterval());
    shape.add(configuration.dataLayer().crossReplicaPublishTimeout());
    shape.add(configuration.scheduling().profileHandler().toString());
    configuration
        .scheduling()
        .profiles()
        .forEach(
            profile -> {
              shape.add(profile.name());
              shape.add(names(profile.filters()));
              profile
                  .scorers()
                  .forEach(scorer -> shape.add(scorer.scorer().toString() + scorer.weight()));
              shape.add(profile.picker().toString());
            });
    shape.add(names(configuration.stages().producers()));
    shape.add(names(configuration.stages().preRequests()));
    shape.add(names(configuration.parsers()));
    shape.add(configuration.stages().saturationDetector().toString());
    configuration
        .dataLayer()
        .sources()
        .forEach(binding -> shape.add(binding.source().toString() + names(binding.extractors())));
    shape.add(configuration.dataLayer().discovery().map(Named::toString));
    return shape;
  }

  private static String names(List<? extends Named<?>> plugins) {
    return plugins.stream().map(Named::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
