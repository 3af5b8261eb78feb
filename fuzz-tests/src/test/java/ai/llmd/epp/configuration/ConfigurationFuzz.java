package ai.llmd.epp.configuration;

import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.YamlText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * YAML, and configurations in it: refused with reasons, or such that their explanation is accepted
 * again.
 */
public final class ConfigurationFuzz {

  private ConfigurationFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    YamlText.readAllTypedAsJson(text, "objects.yaml", new Problems("objects.yaml"));
    EffectiveConfiguration accepted;
    try {
      accepted = RealPlugins.load(text);
    } catch (InvalidDocumentException refused) {
      return;
    }
    String explained = new ExplainedConfiguration(accepted).text();
    try {
      RealPlugins.load(explained);
    } catch (InvalidDocumentException e) {
      throw new IllegalStateException("what it comes to is refused: " + explained, e);
    }
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            featureGates: [haPopulateNonLeaderDatastore=false]
            plugins:
            - type: prefix-cache-scorer
            - {name: "yes, a: #name", type: queue-scorer}
            - type: max-score-picker
              parameters: {maxNumOfEndpoints: 2}
            - type: header-based-testing-filter
            schedulingProfiles:
            - name: default
              plugins:
              - {pluginRef: prefix-cache-scorer, weight: 2.5}
              - pluginRef: "yes, a: #name"
            dataLayer: {crossReplicaSyncInterval: 1m30s}
            """,
            """
            # a comment
            stateStore: {type: redis, lease: 4s, redis: {uri: "rediss://h", username: epp, timeout: 2s}}
            tenants: {prefixesByFairnessId: true, prefixesByHeader: X-Tenant}
            endpointHealth: {enabled: false}
            flowControl: {maxBytes: 10Gi, saturationDetector: {pluginRef: utilization-detector}}
            requestHandler:
              parsers: [{pluginRef: passthrough-parser}]
            """,
            """
            plugins:
            - &a {type: queue-scorer}
            - *a
            - |
              block
            - >-
              folded
            ---
            ? x
            : !!str 0x1F\
            """,
            "{\"plugins\": [{\"type\": \"load-aware-scorer\", \"parameters\": {\"threshold\":"
                + " 0x10}}]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
