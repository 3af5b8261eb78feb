package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.state.memory.MemoryStateStore;
import ai.llmd.epp.adapter.state.redis.RedisAddress;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.adapter.state.redis.RedisStateStore;
import ai.llmd.epp.application.port.out.HashSecret;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptedConfigurationsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# only a comment",
        "---\nplugins: []\n---\nbogus: [",
        "{\"plugins\": [{\"type\": \"queue-scorer\", \"parameters\": {\"any\": [1, {}]}}]}",
        "apiVersion: inference.networking.x-k8s.io/v1alpha1",
        "plugins: [{type: load-aware-scorer, parameters: {THRESHOLD: 7}}]",
        "plugins: [{type: load-aware-scorer, parameters: }]",
        "plugins: [{type: load-aware-scorer, parameters: null}]",
        "plugins: [{type: load-aware-scorer, parameters: {}}]",
        "plugins: [{type: load-aware-scorer, parameters: {threshold: null}}]",
        "plugins: [{type: load-aware-scorer, parameters: {threshold: 1e3}}]",
        "plugins: [{type: by-label-selector}]",
        "flowControl: {maxBytes: 1Gi, maxRequests: 1500m, defaultRequestTTL: 1m30s,"
            + " noEndpointRequestTTL: 0s, enableEviction: true,"
            + " defaultPriorityBand: {maxBytes: 500M}, priorityBands: [{priority: -1}],"
            + " usageLimitPolicyPluginRef: nobody}",
        "featureGates: [flowControl, \"flowControl=FALSE\", \"haPopulateNonLeaderDatastore= t \"]",
        "dataLayer: {peerDiscovery: {pluginRef: nobody}, crossReplicaSyncInterval: 50ms}",
        "schedulingProfiles: [{name: a, plugins: [{pluginRef: fcfs-ordering-policy},"
            + " {pluginRef: single-profile-handler}]}]",
        "plugins: [{type: global-strict-fairness-policy}, {type: static-usage-limit-policy}]",
        "requestHandler: {parsers: [{pluginRef: vllmgrpc-parser}]}",
        "parser: {pluginRef: openai-parser}",
        "plugins: [{type: inflight-load-producer}]\ndataLayer: {injectDefaults: false}",
        "plugins: [{type: inflight-load-producer}, {type: token-load-scorer}]",
        "plugins: [{type: metrics-data-source}]\n"
            + "dataLayer: {sources: [{pluginRef: metrics-data-source}]}",
        "plugins: [{type: models-data-source, parameters: {interval: 30s}},"
            + " {type: models-data-extractor}]\n"
            + "dataLayer: {sources: [{pluginRef: models-data-source,"
            + " extractors: [{pluginRef: models-data-extractor}]}]}",
        "plugins: [{type: k8s-notification-source, parameters: {version: v1, kind: Pod}},"
            + " {type: inflight-load-producer}]\n"
            + "dataLayer: {sources: [{pluginRef: k8s-notification-source,"
            + " extractors: [{pluginRef: inflight-load-producer}]}]}",
        "plugins: [{type: queue-scorer}]\nschedulingProfiles: [{name: a, plugins:"
            + " [{pluginRef: queue-scorer, weight: -0.5}, {pluginRef: queue-scorer, weight: 0}]}]",
        "endpointHealth: {}",
        "endpointHealth: {enabled: false}",
        "stateStore: {type: memory}",
        "stateStore: {memory: {maxSessions: 5}}",
        "stateStore: {type: redis, redis: {uri: \"redis://[::1]:7/3\"}}",
      })
  void isAccepted(String snippet) throws InvalidDocumentException {
    assertThat(Loading.load(snippet).scheduling().profiles()).hasSize(1);
  }

  @Test
  void podsAreASourceOfWhatLearnsFromEndpoints() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - {type: k8s-notification-source, name: pods, parameters: {version: v1, kind: Pod}}
            - type: k8s-notification-source
              name: sets
              parameters: {group: disaggregatedset.x-k8s.io, version: v1, kind: DisaggregatedSet}
            - {type: topology-extractor}
            - type: disaggregatedset-rollout-screener
              parameters:
                scope: {labelSelector: {matchLabels: {app: a}}}
                revisionGating: {mode: disabled}
            dataLayer:
              sources:
              - pluginRef: pods
                extractors:
                - {pluginRef: topology-extractor}
                - {pluginRef: disaggregatedset-rollout-screener}
              - {pluginRef: sets}
            """,
            true);
    assertThat(loaded.dataLayer().sources())
        .extracting(bound -> bound.source().name())
        .containsExactly("pods", "sets", "metrics-data-source");
  }

  @Test
  void latenciesMayBeObservedFromOutside() throws InvalidDocumentException {
    String scorer = "plugins: [{type: latency-observation-scorer-hub}]";
    assertThat(Loading.load(scorer, true).stages().producers())
        .extracting(Named::name)
        .contains("latency-observer-producer-hub", "inflight-load-producer");
    EffectiveConfiguration listed =
        Loading.load(
            """
            plugins:
            - type: latency-observer-producer-hub
              parameters: {intervalDuration: 2s, maxRequests: 50, windowSize: 500}
            - {type: latency-observation-scorer-hub, parameters: {explorationRate: 0.05}}
            dataLayer:
              sources: [{pluginRef: latency-observer-producer-hub}]
            schedulingProfiles:
            - {name: a, plugins: [{pluginRef: latency-observation-scorer-hub}]}
            """,
            true);
    assertThat(listed.dataLayer().sources())
        .extracting(bound -> bound.source().name())
        .contains("latency-observer-producer-hub");
  }

  @Test
  void theMinimalExampleGetsEveryDefault() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - type: running-requests-size-scorer
            """);
    assertThat(names(loaded.plugins()))
        .containsExactly(
            "running-requests-size-scorer",
            "single-profile-handler",
            "max-score-picker",
            "fcfs-ordering-policy",
            "global-strict-fairness-policy",
            "static-usage-limit-policy",
            "openai-parser",
            "anthropic-parser",
            "vllmhttp-parser",
            "passthrough-parser",
            "utilization-detector",
            "metrics-data-source",
            "core-metrics-extractor");
    SchedulingProfile profile = loaded.scheduling().profiles().getFirst();
    assertThat(profile.name()).isEqualTo("default");
    assertThat(weights(profile)).containsExactly("running-requests-size-scorer*1.0");
    assertThat(profile.picker().name()).isEqualTo("max-score-picker");
    assertThat(loaded.stages().producers()).isEmpty();
    assertThat(names(loaded.parsers()))
        .containsExactly(
            "openai-parser", "anthropic-parser", "vllmhttp-parser", "passthrough-parser");
    assertThat(loaded.stages().saturationDetector().name()).isEqualTo("utilization-detector");
    assertThat(loaded.dataLayer().discovery()).isEmpty();
    assertThat(loaded.stateBudget())
        .isEqualTo(SharedState.Budget.ofHeap(Runtime.getRuntime().maxMemory()));
    assertThat(loaded.dataLayer().crossReplicaSyncInterval()).isEqualTo(Duration.ofMillis(200));
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void noConfigurationEqualsTheSpelledOutDefault() throws InvalidDocumentException, IOException {
    EffectiveConfiguration builtIn = Loading.load(ConfigurationSource.of("", "").text());
    EffectiveConfiguration spelledOut = Loading.load(Examples.DEFAULT.text());
    for (EffectiveConfiguration loaded : List.of(builtIn, spelledOut)) {
      assertThat(weights(loaded.scheduling().profiles().getFirst()))
          .containsExactly(
              "queue-scorer*2.0", "kv-cache-utilization-scorer*2.0", "prefix-cache-scorer*3.0");
      assertThat(names(loaded.stages().producers()))
          .as("the token producer before the one that needs its tokens")
          .containsExactly("token-producer", "approx-prefix-cache-producer");
      assertThat(loaded.dataLayer().sources()).hasSize(1);
      assertThat(names(loaded.dataLayer().sources().getFirst().extractors()))
          .containsExactly("core-metrics-extractor");
    }
  }

  @Test
  void thePrefixExampleUsesItsOwnProducerAndPicker() throws InvalidDocumentException {
    EffectiveConfiguration loaded = Loading.load(Examples.PREFIX.text());
    SchedulingProfile profile = loaded.scheduling().profiles().getFirst();
    assertThat(profile.name()).isEqualTo("chat");
    assertThat(weights(profile)).containsExactly("prefix*5.0", "queue*2.5", "kv*1.5");
    assertThat(profile.picker().name()).isEqualTo("pick-two");
    assertThat(names(loaded.stages().producers()))
        .containsExactly("token-producer", "shared-approx");
  }

  @Test
  void theLoraExampleKeepsItsOwnDataLayer() throws InvalidDocumentException {
    EffectiveConfiguration loaded = Loading.load(Examples.LORA.text());
    assertThat(weights(loaded.scheduling().profiles().getFirst()))
        .containsExactly("loaded-adapters*4.0", "waiting*1.25", "cache*0.75");
    assertThat(loaded.scheduling().profiles().getFirst().picker().type())
        .isEqualTo("weighted-random-picker");
    assertThat(loaded.dataLayer().sources()).hasSize(1);
  }

  @Test
  void theFileDiscoveryExampleIsStandalone() throws InvalidDocumentException {
    assertThat(
            Loading.load(Examples.FILE_DISCOVERY.text())
                .dataLayer()
                .discovery()
                .orElseThrow()
                .name())
        .isEqualTo("static-endpoints");
  }

  @Test
  void declaredDetectorsJoinTheImpliedProfileAsFilters() throws InvalidDocumentException {
    EffectiveConfiguration declared =
        Loading.load("plugins: [{type: utilization-detector}, {type: queue-scorer}]");
    assertThat(names(declared.scheduling().profiles().getFirst().filters()))
        .containsExactly("utilization-detector");
    assertThat(Loading.load("plugins: []").scheduling().profiles().getFirst().filters()).isEmpty();
  }

  @Test
  void theFirstDeclaredPickerServesProfilesWithoutOne() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins: [{name: p, type: random-picker}, {name: q, type: max-score-picker}]
            schedulingProfiles: [{name: a}]
            """);
    assertThat(loaded.scheduling().profiles().getFirst().picker().name()).isEqualTo("p");
  }

  @Test
  void aPluginThatSquatsOnTheNameOfADefaultGivesWay() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            "plugins: [{name: max-score-picker, type: queue-scorer}]\n"
                + "schedulingProfiles: [{name: a}]");
    assertThat(loaded.scheduling().profiles().getFirst().picker().type())
        .isEqualTo("max-score-picker");
    assertThat(loaded.warnings()).singleElement().asString().contains("gives way");
  }

  @Test
  void aProducerUnderAnotherNameGetsADefaultOneBesideIt() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            "plugins: [{name: mine, type: approx-prefix-cache-producer},"
                + " {type: prefix-cache-scorer}]");
    assertThat(names(loaded.stages().producers()))
        .containsExactly("token-producer", "mine", "approx-prefix-cache-producer");
  }

  @Test
  void newFieldsWinOverDeprecatedOnes() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins: [{name: tight, type: utilization-detector}]
            saturationDetector: {pluginRef: nobody}
            flowControl: {saturationDetector: {pluginRef: tight}}
            parser: {pluginRef: nobody}
            requestHandler: {parsers: [{pluginRef: anthropic-parser}]}
            """);
    assertThat(loaded.stages().saturationDetector().name()).isEqualTo("tight");
    assertThat(names(loaded.parsers())).containsExactly("anthropic-parser");
    assertThat(loaded.warnings()).hasSize(2);
  }

  @Test
  void deprecatedFieldsCountWhenTheNewOnesAreAbsent() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins: [{name: tight, type: utilization-detector}]
            saturationDetector: {pluginRef: tight}
            parser: {pluginRef: anthropic-parser}
            """);
    assertThat(loaded.stages().saturationDetector().name()).isEqualTo("tight");
    assertThat(names(loaded.parsers())).containsExactly("anthropic-parser");
  }

  @Test
  void parsersBehindAFallbackOrOfASeenTypeAreSkipped() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins: [{name: second, type: openai-parser}]
            requestHandler:
              parsers:
              - pluginRef: openai-parser
              - pluginRef: second
              - pluginRef: passthrough-parser
              - pluginRef: anthropic-parser
            """);
    assertThat(names(loaded.parsers())).containsExactly("openai-parser", "passthrough-parser");
    assertThat(loaded.warnings()).hasSize(2);
  }

  @Test
  void aMetricsSourceUnderAnotherNameGetsTheDefaultOneBesideIt() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            "plugins: [{name: mine, type: metrics-data-source}]\n"
                + "dataLayer: {sources: [{pluginRef: mine}]}");
    assertThat(loaded.dataLayer().sources())
        .extracting(binding -> binding.source().name())
        .containsExactly("mine", "metrics-data-source");
  }

  @Test
  void endpointsThatFailAreAvoidedUnlessThatIsSwitchedOff() throws InvalidDocumentException {
    assertThat(Loading.load("").stages().avoidsFailingEndpoints()).isTrue();
    assertThat(Loading.load("endpointHealth: {}").stages().avoidsFailingEndpoints()).isTrue();
    assertThat(Loading.load("endpointHealth: {enabled: false}").stages().avoidsFailingEndpoints())
        .isFalse();
  }

  @Test
  void theStateStoreBoundsHowMuchIsRemembered() {
    var document =
        ConfigurationDocument.read(
            new YamlSource(
                "epp.yaml",
                "stateStore: {type: memory, memory: {prefixIndexMaxBytes: 2Mi, maxSessions: 5}}"));
    assertThat(document.stateStore().budget()).isEqualTo(new SharedState.Budget(2 << 20, 5));
  }

  @Test
  void theStateStoreHasDefaultsForWhatIsNotConfigured() throws InvalidDocumentException {
    StateStoreSettings redis =
        Loading.load("stateStore: {type: redis, redis: {uri: \"redis://127.0.0.1\"}}").stateStore();

    StateStoreSettings none = Loading.load("").stateStore();
    assertThat(none.budget())
        .isEqualTo(SharedState.Budget.ofHeap(Runtime.getRuntime().maxMemory()));
    assertThat(none.replication()).isEqualTo(ReplicationSettings.DEFAULT);
    assertThat(none.store()).isEqualTo(new MemoryStateStore());
    assertThat(redis.replication()).isEqualTo(ReplicationSettings.DEFAULT);
    assertThat(redis.store())
        .isEqualTo(
            new RedisStateStore(
                RedisSettings.of(RedisAddress.parse("redis://127.0.0.1:6379", false))));
  }

  @Test
  void theSecretIsReadFromItsFileAndShownNowhere(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "open-sesame-12345\n");

    StateStoreSettings settings =
        Loading.load("stateStore: {hashSecretFile: " + file + "}").stateStore();

    assertThat(settings.replication().hashSecret())
        .isEqualTo(new HashSecret("open-sesame-12345".getBytes(StandardCharsets.UTF_8)));
    assertThat(settings.toString()).contains(file.toString()).doesNotContain("sesame");
  }

  @Test
  void settingsOfAnotherStoreAreIgnoredWithAWarning() throws InvalidDocumentException {
    assertThat(Loading.load("stateStore: {type: memory, redis: {uri: \"redis://a\"}}").warnings())
        .containsExactly("stateStore.redis is ignored while stateStore.type is memory");
  }

  @Test
  void aStoreThatIsNotInUseNeedsNoAddress() throws InvalidDocumentException {
    assertThat(
            Loading.load(
                    "stateStore: {type: memory, redis: {timeout: 2s}, hazelcast: {clusterName: c}}")
                .warnings())
        .containsExactly(
            "stateStore.redis is ignored while stateStore.type is memory",
            "stateStore.hazelcast is ignored while stateStore.type is memory");
  }

  @Test
  void experimentalPluginsLoadWhenAllowed() throws InvalidDocumentException {
    assertThat(Loading.load("plugins: [{type: experimental-scorer}]", true).scheduling().profiles())
        .hasSize(1);
  }

  @Test
  void prefixScorersThatHoldBackWhatTheAffinityFilterLetsGoAreWarnedOf()
      throws InvalidDocumentException {
    String profile =
        """
        plugins:
        - {type: prefix-cache-affinity-filter}
        - {type: prefix-cache-scorer}
        - {type: queue-scorer}
        schedulingProfiles:
        - name: default
          plugins:
          - {pluginRef: prefix-cache-affinity-filter}
          - {pluginRef: prefix-cache-scorer, weight: %d}
          - {pluginRef: queue-scorer, weight: 2}
        """;
    assertThat(Loading.load(profile.formatted(2)).warnings())
        .singleElement()
        .asString()
        .contains("weight 2.0 beside others of weight 2.0");
    assertThat(Loading.load(profile.formatted(1)).warnings()).isEmpty();
  }

  @Test
  void theRequestHandlerMayPropagatePriorities() throws InvalidDocumentException {
    assertThat(Loading.load("requestHandler: {propagatePriority: true}").stages())
        .matches(EffectiveConfiguration.Stages::propagatesPriority);
    assertThat(Loading.load("").stages()).matches(stages -> !stages.propagatesPriority());
  }

  @Test
  void theGateAloneDecidesWhetherRequestsMayBeQueued() throws InvalidDocumentException {
    for (String gates : List.of("flowControl", "\"flowControl=true\"", "\"flowControl= 1 \"")) {
      assertThat(Loading.load("featureGates: [%s]".formatted(gates)).stages().flow())
          .as(gates)
          .isNotNull();
    }
    for (String gates : List.of("", "\"flowControl=false\"", "flowControl, \"flowControl=f\"")) {
      assertThat(Loading.load("featureGates: [%s]".formatted(gates)).stages().flow())
          .as(gates)
          .isNull();
    }
  }

  @Test
  void gatedFlowControlSettingsAreIgnoredWithAWarning() throws InvalidDocumentException {
    for (String setting : List.of("maxRequests: -1", "enableEviction: true")) {
      assertThat(Loading.load("flowControl: {%s}".formatted(setting)).warnings())
          .singleElement()
          .asString()
          .contains("ignored");
    }
    assertThat(Loading.load("flowControl: {enableEviction: false}").warnings()).isEmpty();
  }

  @Test
  void aFileOfZeroBytesMeansTheBuiltInConfigurationAndAnyOtherMeansItself(@TempDir Path folder)
      throws IOException {
    Path file = Files.createFile(folder.resolve("epp.yaml"));
    assertThat(ConfigurationSource.of("", file.toString()).text()).contains("prefix-cache-scorer");
    Files.writeString(file, " ");
    assertThat(ConfigurationSource.of("", file.toString()))
        .isEqualTo(new YamlSource(file.toString(), " "));
  }

  private static List<String> names(List<? extends Named<?>> plugins) {
    return plugins.stream().map(plugin -> plugin.name()).toList();
  }

  private static List<String> weights(SchedulingProfile profile) {
    return profile.scorers().stream()
        .map(weighted -> weighted.scorer().name() + "*" + weighted.weight())
        .toList();
  }
}
