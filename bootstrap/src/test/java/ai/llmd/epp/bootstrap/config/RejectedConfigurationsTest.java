package ai.llmd.epp.bootstrap.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RejectedConfigurationsTest {

  /** A snippet, and a part of the one problem that it must give. */
  static Stream<Arguments> snippets() {
    return Stream.of(
        // reading
        arguments("bogus: 1", "1:8: bogus: unknown field \"bogus\""),
        arguments(
            "plugins: [{type: queue-scorer, extra: 1}]",
            "1:39: plugins[0].extra: unknown field \"extra\""),
        arguments("Plugins: []", "Plugins: unknown field \"Plugins\"; did you mean \"plugins\"?"),
        arguments(
            "plugins: [{Type: queue-scorer, type: queue-scorer}]",
            "plugins[0].Type: unknown field \"Type\"; did you mean \"type\"?"),
        arguments("metadata: {name: x}", "metadata: unknown field"),
        arguments("plugins: []\nplugins: []", "2:1: plugins: given twice"),
        arguments(
            "plugins: [{type: load-aware-scorer, parameters: {threshold: 1, threshold: 2}}]",
            "plugins[0].parameters.threshold: given twice"),
        arguments("kind: Foo", "kind: must be \"EndpointPickerConfig\", was \"Foo\""),
        arguments("apiVersion: llm-d.ai/v1", "must be \"llm-d.ai/v1alpha1\", was \"llm-d.ai/v1\""),
        arguments(
            "plugins: [{type: queue-scorer}]\n"
                + "schedulingProfiles: [{name: a, plugins: [{pluginRef: queue-scorer, weight:"
                + " \"2\"}]}]",
            "schedulingProfiles[0].plugins[0].weight: must be a number, was \"2\""),
        arguments(
            "plugins: [{type: queue-scorer}]\n"
                + "schedulingProfiles: [{name: a, plugins: [{pluginRef: queue-scorer, weight:"
                + " .inf}]}]",
            "weight: must be a finite number, was .inf"),
        arguments(
            "dataLayer: {crossReplicaSyncInterval: 250}",
            "dataLayer.crossReplicaSyncInterval: must be a duration such as \"250ms\", was 250"),
        arguments(
            "flowControl: {defaultRequestTTL: \"\"}",
            "flowControl.defaultRequestTTL: must be a duration such as 250ms or 1m30s, was \"\""),
        arguments(
            "flowControl: {maxBytes: lots}",
            "flowControl.maxBytes: must be a quantity such as 1Gi, 500M or 100, was \"lots\""),
        arguments(
            "requestHandler: {parser: {pluginRef: openai-parser}}",
            "requestHandler.parser: unknown field \"parser\"; did you mean \"parsers\"?"),
        arguments(
            "saturationDetector: {queueDepthThreshold: 5}",
            "saturationDetector.queueDepthThreshold: unknown field"),
        arguments("plugins: queue-scorer", "plugins: must be a list, was \"queue-scorer\""),
        arguments("[]", "must be a mapping, was a list"),
        arguments("plugins: [", "not readable as YAML"),
        // feature gates
        arguments(
            "featureGates: [dataLayer]", "featureGates[0]: unknown feature gate \"dataLayer\""),
        arguments("featureGates: [\"flowControl=yes\"]", "must be true or false, was \"yes\""),
        arguments("featureGates: [\"flowControl=\"]", "must be true or false, was \"\""),
        arguments("featureGates: [\"flowControl =true\"]", "unknown feature gate \"flowControl \""),
        arguments(
            "featureGates: [flowControl]",
            "feature gate flowControl is not available in this version"),
        // plugins
        arguments("plugins: [{name: a}]", "plugins[0].type: is missing"),
        arguments(
            "plugins: [{type: queue-scorer}, {type: queue-scorer}]",
            "plugins[1].type: another plugin is called \"queue-scorer\""),
        arguments(
            "plugins: [{name: a, type: queue-scorer}, {name: a, type: load-aware-scorer}]",
            "plugins[1].name: another plugin is called \"a\""),
        arguments(
            "plugins: [{type: queue-scorrer}]",
            "unknown plugin type \"queue-scorrer\"; did you mean \"queue-scorer\"?"),
        arguments(
            "plugins: [{type: latency-scorer}]",
            "plugin type \"latency-scorer\" of llm-d-router is not available in this version"),
        arguments(
            "plugins: [{type: stillborn-scorer}]",
            "plugin \"stillborn-scorer\" could not be built: no luck today"),
        arguments(
            "plugins: [{type: experimental-scorer}]",
            "is experimental; --allow-experimental-plugins permits it"),
        // parameters
        arguments(
            "plugins: [{type: load-aware-scorer, parameters: {threshhold: 1}}]",
            "plugins[0].parameters.threshhold: unknown field \"threshhold\"; did you mean"
                + " \"threshold\"?"),
        arguments(
            "plugins: [{type: load-aware-scorer, parameters: {threshold: 1, THRESHOLD: 2}}]",
            "field \"threshold\" is given twice"),
        arguments(
            "plugins: [{type: load-aware-scorer, parameters: {threshold: 1.5}}]",
            "threshold: must be a whole number, was 1.5"),
        arguments(
            "plugins: [{type: load-aware-scorer, parameters: {threshold: true}}]",
            "threshold: must be a whole number, was true"),
        arguments(
            "plugins: [{type: load-aware-scorer, parameters: [1]}]",
            "plugins[0].parameters: must be a mapping, was a list"),
        arguments(
            "plugins: [{type: prefix-cache-scorer, parameters: {prefixMatchInfoProducerName: 5}}]",
            "must be a text, was 5"),
        arguments(
            "plugins: [{type: utilization-detector, parameters: {headroom: -1}}]",
            "plugins[0].parameters: headroom must be 0 or more, was -1.0"),
        arguments(
            "plugins: [{type: label-selector-filter, parameters:"
                + " {matchExpressions: [{key: a, operator: in, values: [b]}]}}]",
            "plugins[0].parameters.matchExpressions[0]: operator must be In, NotIn"),
        // profiles
        arguments("schedulingProfiles: [{plugins: []}]", "schedulingProfiles[0].name: is missing"),
        arguments(
            "plugins: [{type: single-profile-handler}]\n"
                + "schedulingProfiles: [{name: a}]\nsaturationDetector: {pluginRef: nobody}",
            "no plugin \"nobody\"; known: "),
        arguments(
            "plugins: [{type: queue-scorer}]\n"
                + "schedulingProfiles: [{name: a, plugins: [{pluginRef: queue-scorrer}]}]",
            "2:54: schedulingProfiles[0].plugins[0].pluginRef: no plugin \"queue-scorrer\";"
                + " did you mean \"queue-scorer\"?"),
        arguments(
            "schedulingProfiles: [{name: a, plugins: [{weight: 1}]}]",
            "schedulingProfiles[0].plugins[0].pluginRef: is missing"),
        arguments(
            "plugins: [{type: max-score-picker}, {type: random-picker}]\n"
                + "schedulingProfiles: [{name: a, plugins: [{pluginRef: max-score-picker},"
                + " {pluginRef: random-picker}]}]",
            "profile \"a\" has the picker \"max-score-picker\" already"),
        arguments(
            "plugins: [{type: max-score-picker}, {type: random-picker}]",
            "profile \"default\" has the picker \"max-score-picker\" already"),
        arguments(
            "plugins: [{type: single-profile-handler}, {name: b, type: single-profile-handler}]",
            "one profile handler is allowed, \"b\" is another"),
        arguments(
            "schedulingProfiles: [{name: a}, {name: b}]",
            "2 profiles need a profile handler, none is declared"),
        arguments(
            "plugins: [{type: single-profile-handler}]\nschedulingProfiles: [{name: a}, {name: b}]",
            "single-profile-handler runs one profile, 2 are configured"),
        // saturation detector
        arguments(
            "flowControl: {saturationDetector: {pluginRef: concurrency-detector}}",
            "flowControl.saturationDetector.pluginRef: no plugin \"concurrency-detector\""),
        arguments(
            "plugins: [{type: queue-scorer}]\n"
                + "flowControl: {saturationDetector: {pluginRef: queue-scorer}}",
            "plugin \"queue-scorer\" of type queue-scorer is not a saturation detector"),
        // parsers
        arguments(
            "requestHandler: {parsers: [{pluginRef: openei-parser}]}",
            "requestHandler.parsers[0].pluginRef: unknown plugin type \"openei-parser\";"
                + " did you mean \"openai-parser\"?"),
        arguments("requestHandler: {parsers: [{}]}", "parsers[0].pluginRef: is missing"),
        arguments(
            "plugins: [{type: queue-scorer}]\n"
                + "requestHandler: {parsers: [{pluginRef: queue-scorer}]}",
            "is not a parser"),
        // data layer
        arguments(
            "dataLayer: {sources: [{pluginRef: nobody}]}",
            "dataLayer.sources[0].pluginRef: no plugin \"nobody\""),
        arguments(
            "plugins: [{type: queue-scorer}]\ndataLayer: {sources: [{pluginRef: queue-scorer}]}",
            "is not a data source"),
        arguments(
            "plugins: [{type: metrics-data-source}]\n"
                + "dataLayer: {sources: [{pluginRef: metrics-data-source,"
                + " extractors: [{pluginRef: nobody}]}]}",
            "dataLayer.sources[0].extractors[0].pluginRef: no plugin \"nobody\""),
        arguments(
            "plugins: [{type: metrics-data-source}, {type: load-aware-scorer},"
                + " {type: core-metrics-extractor}]\n"
                + "dataLayer: {sources: [{pluginRef: metrics-data-source,"
                + " extractors: [{pluginRef: load-aware-scorer}]}]}",
            "is not an extractor"),
        arguments(
            "plugins: [{type: metrics-data-source}]\n"
                + "dataLayer: {sources: [{pluginRef: metrics-data-source},"
                + " {pluginRef: metrics-data-source}]}",
            "source \"metrics-data-source\" is listed twice"),
        arguments(
            "plugins: [{type: metrics-data-source}, {name: a, type: core-metrics-extractor},"
                + " {name: b, type: core-metrics-extractor}]\n"
                + "dataLayer: {sources: [{pluginRef: metrics-data-source,"
                + " extractors: [{pluginRef: a}, {pluginRef: b}]}]}",
            "has an extractor of type core-metrics-extractor already"),
        arguments(
            "plugins: [{type: queue-scorer}]\n"
                + "dataLayer: {crossReplicaSyncerPluginRef: queue-scorer}",
            "is not a cross-replica syncer"),
        arguments(
            "dataLayer: {injectDefaults: false}",
            "dataLayer.sources: no source is configured and no plugin brings one"),
        arguments(
            "dataLayer: {discovery: {pluginRef: nobody}}",
            "dataLayer.discovery.pluginRef: no plugin \"nobody\""),
        arguments(
            "plugins: [{type: queue-scorer}]\ndataLayer: {discovery: {pluginRef: queue-scorer}}",
            "is not an EndpointDiscovery"),
        // data keys
        arguments(
            "plugins: [{type: prefix-cache-scorer, parameters: {prefixMatchInfoProducerName:"
                + " typo}}]",
            "plugin \"prefix-cache-scorer\" needs data \"PrefixCacheMatchInfoDataKey/typo\","
                + " which no plugin produces"),
        arguments(
            "plugins: [{type: token-load-scorer}]",
            "needs data \"UncachedRequestTokensDataKey/inflight-load-producer\""),
        arguments(
            "plugins: [{type: queue-scorer}, {type: metrics-data-source}]\n"
                + "dataLayer: {injectDefaults: false, sources: [{pluginRef: metrics-data-source}]}",
            "needs data \"WaitingQueueSize/core-metrics-extractor\""),
        arguments(
            "plugins: [{type: chicken-producer}, {type: egg-producer}]",
            "in a circle: chicken-producer → egg-producer → chicken-producer"),
        arguments(
            "plugins: [{type: early-producer}, {name: late, type: late-scorer}]",
            "plugin \"early-producer\" needs data \"late/x\" before \"late\" can produce it"),
        // state store
        arguments(
            "stateStore: {type: redis}",
            "state store \"redis\" is not available in this version; use memory"),
        arguments("stateStore: {type: mamory}", "stateStore.type: must be \"memory\""),
        arguments(
            "stateStore: {type: memory, memory: {prefixIndexMaxBytes: 1k}}",
            "stateStore.memory: prefixIndexBytes must be 1 MiB or more, was 1000"));
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void isRefusedForThisReasonAlone(String snippet, String reason) {
    List<String> problems = Loading.problemsOf(snippet);
    assertThat(problems).singleElement().asString().startsWith("epp.yaml:").contains(reason);
  }

  @Test
  void everyMistakeIsReportedInTheOrderOfTheDocument() {
    List<String> problems =
        Loading.problemsOf(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - type: queue-scorrer
            - type: load-aware-scorer
              parameters:
                threshold: many
                limit: 3
            schedulingProfiles:
            - name: default
              plugins:
              - pluginRef: queue-scorrer
              - pluginRef: load-aware-scoror
                weight: heavy
            dataLayer:
              discovery:
                pluginRef: files
            """);
    assertThat(problems)
        .satisfiesExactly(
            first -> assertThat(first).startsWith("epp.yaml:4:9: plugins[0].type: unknown plugin"),
            next -> assertThat(next).startsWith("epp.yaml:7:16: plugins[1].parameters.threshold:"),
            next -> assertThat(next).startsWith("epp.yaml:8:12: plugins[1].parameters.limit:"),
            next -> assertThat(next).contains(":13:16: ", "no plugin \"load-aware-scoror\""),
            next -> assertThat(next).contains(":14:13: ", "must be a number, was \"heavy\""),
            last -> assertThat(last).contains(":17:16: dataLayer.discovery.pluginRef:"));
  }

  @Test
  void twoProfilesWithOneNameAreRefused() {
    assertThat(Loading.problemsOf("schedulingProfiles: [{name: a}, {name: a}]"))
        .anyMatch(problem -> problem.contains("another profile is called \"a\""));
  }

  @Test
  void anAliasThatContainsItselfIsRefusedAndNotFollowedForever() {
    assertThat(Loading.problemsOf("plugins: &a [{type: queue-scorer, parameters: *a}]\nbogus: *a"))
        .anyMatch(problem -> problem.contains("unknown field \"bogus\""));
  }
}
