package ai.llmd.epp.configuration.spelling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.llmd.epp.configuration.Loading;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import org.junit.jupiter.api.Test;

class ConvertedConfigurationTest {

  @Test
  void movesEveryOlderSpellingWithItsComments() throws InvalidDocumentException {
    assertThat(
            convert(
                """
                # Our pool.

                apiVersion: llm-d.ai/v1alpha1  # of 0.10
                kind: EndpointPickerConfig
                plugins:
                # finds servers
                - type: file-discovery
                  parameters: {path: "a.yaml", watchFile: true}   # followed

                - type: queue-scorer
                # one parser only
                parser:
                  pluginRef: openai-parser
                saturationDetector: {pluginRef: utilization-detector} # as ever
                dataLayer:
                  # endpoints
                  discovery:
                    # this one
                    pluginRef: file-discovery
                  # not used
                  peerDiscovery: {pluginRef: nobody}
                  # slow
                  crossReplicaSyncInterval: 1s
                # the end
                """))
        .isEqualTo(
            """
            # Our pool.

            apiVersion: llm-d.ai/v1 # of 0.10
            kind: EndpointPickerConfig
            plugins:
            # finds servers
            - type: file-discovery
              parameters: {path: "a.yaml", watchFile: true} # followed

            - type: queue-scorer
            requestHandler:
              # one parser only
              parsers:
              - pluginRef: openai-parser
            flowControl:
              saturationDetector: {pluginRef: utilization-detector} # as ever
            dataLayer:
              # endpoints
              discovery:
                endpoints:
                  # this one
                  pluginRef: file-discovery
                # not used
                peers: {pluginRef: nobody}
              crossReplica:
                # slow
                syncInterval: 1s
            # the end
            """);
  }

  @Test
  void keepsTheFormOfJson() throws InvalidDocumentException {
    assertThat(
            convert(
                """
                {"kind": "EndpointPickerConfig", "parser": {"pluginRef": "openai-parser"},
                 "plugins": [{"type": "queue-scorer", "parameters": {"a": [1, 0.5, "1"]}}]}
                """))
        .isEqualTo(
            """
            {"apiVersion": "llm-d.ai/v1", "kind": "EndpointPickerConfig", "requestHandler": {"parsers": [{"pluginRef": "openai-parser"}]}, "plugins": [{"type": "queue-scorer", "parameters": {"a": [1, 0.5, "1"]}}]}
            """);
  }

  @Test
  void commentsWithinBracketsGetLinesOfTheirOwn() throws InvalidDocumentException {
    String converted =
        convert(
            """
            plugins: [
              {type: queue-scorer}, # first
              # second
              {name: b,
               # why
               type: queue-scorer}
            ]
            """);

    assertThat(converted).contains("# first", "# second", "# why");
    assertThat(Loading.load(converted).built())
        .map(BuiltPlugin::name)
        .startsWith("queue-scorer", "b");
  }

  @Test
  void keepsTheIndentationOfLists() throws InvalidDocumentException {
    String text =
        """
        apiVersion: llm-d.ai/v1
        plugins:
          - type: queue-scorer
            name: q
          - &a {type: load-aware-scorer}
        schedulingProfiles:
          - name: default
            plugins:
              - pluginRef: q
                weight: 2
        """;

    assertThat(convert(text)).isEqualTo(text);
  }

  @Test
  void keepsAnchors() throws InvalidDocumentException {
    String text =
        """
        apiVersion: llm-d.ai/v1
        plugins:
        - name: a
          type: load-aware-scorer
          parameters: &same {threshold: 5}
        - name: b
          type: load-aware-scorer
          parameters: *same
        """;

    assertThat(convert(text)).isEqualTo(text);
  }

  @Test
  void whatIsThereInTheNewSpellingStays() throws InvalidDocumentException {
    assertThat(
            convert(
                """
                apiVersion: llm-d.ai/v1
                parser: {pluginRef: openai-parser}
                requestHandler: {parsers: [{pluginRef: vllmgrpc-parser}]}
                dataLayer: {crossReplicaSyncInterval: 1s, crossReplica: {syncInterval: 2s}}
                """))
        .isEqualTo(
            """
            apiVersion: llm-d.ai/v1
            requestHandler: {parsers: [{pluginRef: vllmgrpc-parser}]}
            dataLayer: {crossReplica: {syncInterval: 2s}}
            """);
  }

  @Test
  void saysWhatTheNextVersionHasNoMore() throws InvalidDocumentException {
    assertThat(
            ConvertedConfiguration.toV1(
                    source("plugins: [{type: queue-scorer}, {type: pd-profile-handler}]"))
                .remarks())
        .containsExactly(
            "plugins[1].type: llm-d-router 0.11 has no pd-profile-handler any more; use"
                + " disagg-profile-handler");
  }

  @Test
  void saysWhichParametersTheNextVersionHasNoMore() throws InvalidDocumentException {
    assertThat(
            ConvertedConfiguration.toV1(
                    source(
                        """
                        plugins:
                        - type: disagg-profile-handler
                          parameters: {stageOrder: decode-first, PrefillProfile: p, deciderPluginName: d}
                        - type: queue-scorer
                        - type: token-producer
                          name: exact
                          parameters:
                            udsTokenizerConfig: {socketFile: /tmp/s}
                        """))
                .remarks())
        .containsExactly(
            "plugins[0].parameters.PrefillProfile: llm-d-router 0.11 has it no more; use"
                + " profiles.prefill",
            "plugins[0].parameters.deciderPluginName: llm-d-router 0.11 has it no more; use"
                + " deciders.prefill",
            "plugins[2].parameters.udsTokenizerConfig: llm-d-router 0.11 has it no more; use vllm");
  }

  @Test
  void anEmptyDocumentIsOneOfTheNextVersion() throws InvalidDocumentException {
    assertThat(convert("# nothing\n")).isEqualTo("# nothing\napiVersion: llm-d.ai/v1\n");
    assertThat(convert("{}")).isEqualTo("{apiVersion: llm-d.ai/v1}\n");
  }

  @Test
  void whatCannotBeReadIsRefused() {
    assertThatExceptionOfType(InvalidDocumentException.class)
        .isThrownBy(() -> convert("plugin: []"))
        .withMessageStartingWith("epp.yaml:1:1: plugin: unknown field");
  }

  private static String convert(String text) throws InvalidDocumentException {
    return ConvertedConfiguration.toV1(source(text)).text();
  }

  private static YamlSource source(String text) {
    return new YamlSource("epp.yaml", text);
  }
}
