package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.precise.PreciseParameters;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.InvalidDocumentException;
import org.junit.jupiter.api.Test;

class PreciseConfigurationsTest {

  @Test
  void tokensFromARendererAndEventsFromEachPod() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - type: token-producer
              parameters: {modelName: some-org/some-model, vllm: {url: "http://render.models:8000"}}
            - type: endpoint-notification-source
            - type: precise-prefix-cache-producer
              parameters:
                tokenProcessorConfig: {blockSizeTokens: 64}
                speculativeIndexing: true
                indexerConfig: {kvBlockIndexConfig: {enableMetrics: true}}
                kvEventsConfig: {topicFilter: "kv@", concurrency: 8, discoverPods: true, podDiscoveryConfig: {socketPort: 5556, replaySocketPort: 5559}}
            - type: inflight-load-producer
              parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
            - type: prefix-cache-affinity-filter
              parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer, peakPrefillThroughput: 15926}
            - type: token-load-scorer
            dataLayer:
              sources:
              - {pluginRef: endpoint-notification-source, extractors: [{pluginRef: precise-prefix-cache-producer}]}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: prefix-cache-affinity-filter}, {pluginRef: token-load-scorer}]
            """);
    assertThat(loaded.stages().requestProducers())
        .extracting(Named::name)
        .containsExactly("token-producer");
    assertThat(loaded.stages().producers())
        .extracting(Named::name)
        .containsExactly("precise-prefix-cache-producer", "inflight-load-producer");
  }

  @Test
  void aPeerThatHoldsMoreOfThePrompt() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - type: token-producer
              parameters: {modelName: some-org/some-model, vllm: {url: "http://render:8000"}}
            - type: endpoint-notification-source
            - type: precise-prefix-cache-producer
              name: exact
              parameters:
                indexerConfig:
                  kvBlockIndexConfig: {inMemoryConfig: {podCacheSize: 32}}
                  kvCacheBackendConfigs: [{name: gpu, weight: 1.0}, {name: cpu, weight: 0.4}]
                tokenProcessorConfig: {blockSize: 64}
                speculativeIndexing: true
                kvEventsConfig: {topicFilter: "kv@", discoverPods: true, podDiscoveryConfig: {socketPort: 5556}}
            - type: p2p-source-producer
              parameters: {prefixMatchInfoProducerName: exact, prefillProfileName: default, minCachedTokenDelta: 2048}
            - type: prefix-cache-scorer
              parameters: {prefixMatchInfoProducerName: exact}
            - type: no-hit-lru-scorer
              parameters: {prefixMatchInfoProducerName: exact}
            - type: queue-scorer
            - type: kv-cache-utilization-scorer
            - type: max-score-picker
            - type: single-profile-handler
            dataLayer:
              sources:
              - {pluginRef: endpoint-notification-source, extractors: [{pluginRef: exact}]}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: max-score-picker}, {pluginRef: prefix-cache-scorer, weight: 3}, {pluginRef: queue-scorer, weight: 2}, {pluginRef: kv-cache-utilization-scorer, weight: 2}, {pluginRef: no-hit-lru-scorer, weight: 2}]
            """,
            true);
    assertThat(loaded.stages().producers())
        .extracting(Named::name)
        .contains("exact", "p2p-source-producer");
  }

  @Test
  void renderersAmongThePoolsEndpoints() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: token-producer
              parameters:
                modelName: m
                vllm:
                  endpointDiscovery:
                    portRules:
                    - {selector: {matchLabels: {llm-d.ai/role: prefill}}, basePort: 8000}
                    - {basePort: 8200}
                    loadBalancer: {type: round-robin}
                    attemptTimeout: 1s
            - type: precise-prefix-cache-producer
            - {type: prefix-cache-scorer, parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: prefix-cache-scorer}]
            """);
    assertThat(loaded.stages().requestProducers())
        .extracting(Named::name)
        .containsExactly("token-producer");
    assertThat(
            Loading.problemsOf(
                    "plugins: [{type: token-producer, parameters: {modelName: m, vllm: {url:"
                        + " \"http://x\", endpointDiscovery: {}}}}]")
                .toString())
        .contains("endpointDiscovery excludes url");
  }

  @Test
  void requestsOfABurst() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - {type: token-producer, parameters: {modelName: m, vllm: {url: "http://render:8000"}}}
            - {type: burst-prefix-cache-producer, parameters: {windowDurationMs: 100, maxPerReplica: -1, minColocateBlocks: 0}}
            - {type: prefix-cache-scorer, parameters: {prefixMatchInfoProducerName: burst-prefix-cache-producer}}
            - type: load-aware-scorer
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: prefix-cache-scorer, weight: 2}, {pluginRef: load-aware-scorer}]
            """,
            true);
    assertThat(loaded.stages().producers())
        .extracting(Named::name)
        .containsExactly("burst-prefix-cache-producer");
  }

  @Test
  void theOldScorerHostsItsProducer() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - {type: token-producer, parameters: {modelName: m}}
            - type: precise-prefix-cache-scorer
              parameters: {indexerConfig: {kvBlockIndexConfig: {costAwareMemoryConfig: {size: 1GB}}}}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: precise-prefix-cache-scorer}]
            """);
    assertThat(loaded.stages().producers())
        .extracting(Named::name)
        .containsExactly("precise-prefix-cache-scorer");
  }

  @Test
  void noPodIsConnectedToWithoutPorts() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - {type: token-producer, parameters: {modelName: m}}
            - type: precise-prefix-cache-producer
              parameters:
                kvEventsConfig: {discoverPods: true, podDiscoveryConfig: null}
            """);
    PreciseParameters parameters =
        loaded.built().stream()
            .map(BuiltPlugin::parameters)
            .filter(PreciseParameters.class::isInstance)
            .map(PreciseParameters.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(parameters.kvEventsConfig().podDiscoveryConfig()).isNull();
  }

  @Test
  void theOldScorerReadsAProducerThatIsDeclaredAfterIt() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: precise-prefix-cache-scorer
            - {type: token-producer, parameters: {modelName: m}}
            - {name: exact, type: precise-prefix-cache-producer}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: precise-prefix-cache-scorer}]
            """);
    assertThat(loaded.stages().producers()).extracting(Named::name).containsExactly("exact");
  }

  @Test
  void estimatedTokensMatchNothingWhichIsAWarning() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load("plugins: [{type: precise-prefix-cache-producer}]");
    assertThat(loaded.stages().producers())
        .extracting(Named::name)
        .contains("token-producer", "precise-prefix-cache-producer");
    assertThat(loaded.warnings()).anyMatch(line -> line.contains("ModelTokens/token-producer"));
  }

  @Test
  void theOldScorerWithATokenizerOfItsOwn() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: endpoint-notification-source
            - type: precise-prefix-cache-scorer
              parameters:
                tokenProcessorConfig: {blockSize: 64, hashSeed: "42"}
                indexerConfig:
                  kvBlockIndexConfig: {enableMetrics: true}
                  tokenizersPoolConfig:
                    modelName: some-org/some-model
                    workersCount: 4
                    uds: {socketFile: /tmp/tokenizer/tokenizer-uds.socket}
                kvEventsConfig: {topicFilter: "kv@", concurrency: 4, discoverPods: true}
            dataLayer:
              sources:
              - {pluginRef: endpoint-notification-source, extractors: [{pluginRef: precise-prefix-cache-scorer}]}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: precise-prefix-cache-scorer, weight: 3}]
            """);
    assertThat(loaded.stages().producers())
        .extracting(Named::name)
        .contains("precise-prefix-cache-scorer");
    assertThat(loaded.warnings()).anyMatch(line -> line.contains("ModelTokens/token-producer"));
  }

  @Test
  void servicesOfFormerVersionsAreTakenWithAWarning() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: tokenizer
              name: tokens
              parameters: {modelName: m, udsTokenizerConfig: {socketFile: /tmp/tokenizer.socket}}
            - type: precise-prefix-cache-producer
              parameters:
                indexerConfig:
                  kvBlockIndexConfig: {redisConfig: {address: "redis://redis:6379"}}
            - type: prefix-cache-scorer
              parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: prefix-cache-scorer}]
            """);
    assertThat(loaded.warnings())
        .anyMatch(line -> line.contains("\"tokens\": udsTokenizerConfig"))
        .anyMatch(line -> line.contains("redisConfig is not connected to"))
        .anyMatch(line -> line.contains("ModelTokens/token-producer"));
  }

  @Test
  void theProducerHasNoTokenizerOfItsOwn() {
    assertThat(
            Loading.problemsOf(
                    "plugins: [{type: precise-prefix-cache-producer, parameters:"
                        + " {indexerConfig: {tokenizersPoolConfig: {modelName: m}}}}]")
                .toString())
        .contains("tokenizersPoolConfig");
  }
}
