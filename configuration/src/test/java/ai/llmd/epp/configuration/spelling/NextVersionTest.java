package ai.llmd.epp.configuration.spelling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.configuration.ConfigurationDocument;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.Loading;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The spelling of llm-d-router 0.11, beside the older ones. */
class NextVersionTest {

  private static final String FILES =
      """
      plugins:
      - {name: a, type: file-discovery, parameters: {path: a.yaml}}
      - {name: b, type: file-discovery, parameters: {path: b.yaml}}
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {"llm-d.ai/v1", "llm-d.ai/v1alpha1", "inference.networking.x-k8s.io/v1alpha1"})
  void everySpellingIsReadUnderEveryVersion(String apiVersion) throws InvalidDocumentException {
    EffectiveConfiguration.DataLayer loaded =
        Loading.load(
                "apiVersion: "
                    + apiVersion
                    + "\ndataLayer: {discovery: {endpoints: {pluginRef: a}},"
                    + " crossReplicaSyncInterval: 1s, crossReplica: {publishTimeout: 2s}}\n"
                    + FILES)
            .dataLayer();

    assertThat(loaded.discovery().orElseThrow().name()).isEqualTo("a");
    assertThat(loaded.crossReplicaSyncInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(loaded.crossReplicaPublishTimeout()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void whatTheNextVersionSpellsCountsBeforeWhatIsOlder() throws InvalidDocumentException {
    EffectiveConfiguration.DataLayer loaded =
        Loading.load(
                "dataLayer: {discovery: {pluginRef: nobody, endpoints: {pluginRef: b}},"
                    + " crossReplicaSyncInterval: 1s, crossReplicaPublishTimeout: 4s,"
                    + " crossReplica: {syncInterval: 3s}}\n"
                    + FILES)
            .dataLayer();

    assertThat(loaded.discovery().orElseThrow().name()).isEqualTo("b");
    assertThat(loaded.crossReplicaSyncInterval()).isEqualTo(Duration.ofSeconds(3));
    assertThat(loaded.crossReplicaPublishTimeout()).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void peersAloneLeaveKubernetesInPlay() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load("dataLayer: {discovery: {peers: {pluginRef: nobody}}}");

    assertThat(loaded.dataLayer().discovery()).isEmpty();
    assertThat(loaded.warnings())
        .containsExactly(
            "dataLayer.discovery.peers has no effect: replicas find each other in the stateStore");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apiVersion: llm-d.ai/v1alpha1 | apiVersion llm-d.ai/v1alpha1 | llm-d.ai/v1",
        "dataLayer: {peerDiscovery: {pluginRef: x}} | dataLayer.peerDiscovery"
            + " | dataLayer.discovery.peers",
        "dataLayer: {crossReplicaSyncInterval: 1s} | dataLayer.crossReplicaSyncInterval"
            + " | dataLayer.crossReplica.syncInterval",
        "dataLayer: {crossReplicaPublishTimeout: 1s} | dataLayer.crossReplicaPublishTimeout"
            + " | dataLayer.crossReplica.publishTimeout"
      })
  void eachOlderSpellingHasALine(String text, String older, String current)
      throws InvalidDocumentException {
    assertThat(Loading.load(text).notices())
        .containsExactly(older + " is read as ever; llm-d-router 0.11 writes " + current);
  }

  @Test
  void theLineOfADiscoveryNamesItsGroup() throws InvalidDocumentException {
    assertThat(Loading.load("dataLayer: {discovery: {pluginRef: a}}\n" + FILES).notices())
        .containsExactly(
            "dataLayer.discovery.pluginRef is read as ever; llm-d-router 0.11 writes"
                + " dataLayer.discovery.endpoints.pluginRef");
  }

  @Test
  void whatIsSpelledAsTheNextVersionHasNoLine() throws InvalidDocumentException {
    assertThat(
            Loading.load(
                    "apiVersion: llm-d.ai/v1\n"
                        + "dataLayer: {discovery: {endpoints: {pluginRef: a}}}\n"
                        + FILES)
                .notices())
        .isEmpty();
  }

  @Test
  void gatesOfTheCommandLineCountAfterThoseOfTheDocument() {
    var document =
        ConfigurationDocument.read(
            new YamlSource("epp.yaml", "featureGates: [flowControl, conditionalDecode]"),
            List.of("flowControl=true", "flowControl=false"));

    assertThat(document.featureGates().flowControl()).isFalse();
    assertThat(document.featureGates().conditionalDecode()).isTrue();
  }

  @Test
  void anUnknownGateOfTheCommandLineIsReportedAsTheFlag() {
    var document =
        ConfigurationDocument.read(new YamlSource("epp.yaml", ""), List.of("flowcontrol"));

    assertThatThrownBy(document::check)
        .hasMessage(
            "epp.yaml: --feature-gates: unknown feature gate \"flowcontrol\"; did you mean"
                + " \"flowControl\"?");
  }

  @Test
  void noSourceOfDataIsNoError() throws InvalidDocumentException {
    assertThat(Loading.load("dataLayer: {injectDefaults: false}").dataLayer().sources()).isEmpty();
  }
}
