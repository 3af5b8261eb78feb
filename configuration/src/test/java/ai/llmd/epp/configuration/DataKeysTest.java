package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is created and who comes first, so that every plugin finds the data that it needs. */
class DataKeysTest {

  @Test
  void aMissingProducerIsCreatedAndThoseThatItNeedsInTurn() throws InvalidDocumentException {
    assertThat(producers(Loading.load("plugins: [{type: shy-scorer}]", true)))
        .containsExactly("coy-producer", "shy-producer");
  }

  @Test
  void thePredictorBringsThreeMore() throws InvalidDocumentException {
    String text = "plugins: [{type: latency-scorer}]";
    assertThat(producers(Loading.load(text)))
        .containsExactlyInAnyOrder(
            "predicted-latency-producer",
            "approx-prefix-cache-producer",
            "inflight-load-producer",
            "token-producer");
  }

  @Test
  void aProducerComesBeforeItsConsumerWhateverTheirOrder() throws InvalidDocumentException {
    assertThat(
            producers(
                Loading.load(
                    """
                    plugins:
                    - type: shy-producer
                    - type: inflight-load-producer
                    - type: approx-prefix-cache-producer
                    - type: coy-producer
                    - type: token-producer
                    """,
                    true)))
        .containsExactly(
            "coy-producer",
            "shy-producer",
            "token-producer",
            "inflight-load-producer",
            "approx-prefix-cache-producer");
  }

  @Test
  void noDefaultIsCreatedForAKeyThatIsProduced() throws InvalidDocumentException {
    assertThat(
            producers(
                Loading.load(
                    """
                    plugins:
                    - {name: shared, type: approx-prefix-cache-producer}
                    - type: prefix-cache-scorer
                      parameters: {prefixMatchInfoProducerName: shared}
                    """)))
        .containsExactly("token-producer", "shared");
  }

  @Test
  void aProducerThatIsCreatedMayBringTheOnlySource() throws InvalidDocumentException {
    assertThat(
            producers(
                Loading.load(
                    """
                    plugins: [{type: active-request-scorer}]
                    dataLayer: {injectDefaults: false}
                    """)))
        .contains("inflight-load-producer");
  }

  @Test
  void keepingStepWithThePoolIsNoSource() throws InvalidDocumentException {
    assertThat(
            Loading.load(
                    """
                    plugins: [{type: prefix-cache-scorer}]
                    dataLayer: {injectDefaults: false}
                    """)
                .warnings())
        .containsExactly(
            "no metrics are collected: no source is configured and no plugin brings one");
  }

  @Test
  void aDefaultWhoseNameIsTakenIsLeftOut() throws InvalidDocumentException {
    assertThat(
            Loading.load(
                    """
                    plugins:
                    - {name: inflight-load-producer, type: queue-scorer}
                    - {type: active-request-scorer}
                    """)
                .plugins())
        .extracting(named -> named.name() + "/" + named.type())
        .contains(
            "inflight-load-producer/queue-scorer", "active-request-scorer/active-request-scorer");
  }

  @Test
  void tokensUnderAnotherNameGetADefaultProducerBesideThem() throws InvalidDocumentException {
    assertThat(
            producers(
                Loading.load(
                    """
                    plugins:
                    - {name: mine, type: token-producer}
                    - type: prefix-cache-scorer
                    """)))
        .contains("mine", "token-producer", "approx-prefix-cache-producer");
  }

  @Test
  void dataThatIsOptionalIsMissedWithAWarningOnly() throws InvalidDocumentException {
    assertThat(Loading.load("plugins: [{type: curious-scorer}]").warnings())
        .containsExactly(
            "plugin \"curious-scorer\" would use data \"late/x\", which no plugin produces");
    assertThat(
            Loading.load("plugins: [{type: curious-scorer}, {name: late, type: late-scorer}]")
                .warnings())
        .isEmpty();
  }

  @Test
  void metricsAreProducedWhateverTheExtractorIsCalled() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: queue-scorer
            - type: metrics-data-source
            - {name: mine, type: core-metrics-extractor}
            dataLayer:
              injectDefaults: false
              sources: [{pluginRef: metrics-data-source, extractors: [{pluginRef: mine}]}]
            """);
    assertThat(loaded.dataLayer().sources().getFirst().extractors())
        .extracting(Named::name)
        .containsExactly("mine");
  }

  @Test
  void pluginsThatLearnFromEndpointsAreListedAtTheirSource() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: token-load-scorer
            - type: inflight-load-producer
            - type: mm-embeddings-cache-producer
            - type: endpoint-notification-source
            dataLayer:
              sources:
              - pluginRef: endpoint-notification-source
                extractors: [{pluginRef: inflight-load-producer}, {pluginRef: mm-embeddings-cache-producer}]
            """);
    assertThat(loaded.dataLayer().sources())
        .extracting(bound -> bound.source().name())
        .containsExactly("endpoint-notification-source", "metrics-data-source");
  }

  @Test
  void anExtractorAtASourceThatDeliversSomethingElseIsRefused() {
    assertThatThrownBy(
            () ->
                Loading.load(
                    """
                    plugins:
                    - type: core-metrics-extractor
                    - type: inflight-load-producer
                    - type: endpoint-notification-source
                    - type: metrics-data-source
                    dataLayer:
                      sources:
                      - pluginRef: endpoint-notification-source
                        extractors: [{pluginRef: core-metrics-extractor}]
                      - pluginRef: metrics-data-source
                        extractors: [{pluginRef: inflight-load-producer}]
                    """))
        .hasMessageContaining(
            "extractor \"core-metrics-extractor\" of type core-metrics-extractor cannot read what"
                + " source \"endpoint-notification-source\" delivers")
        .hasMessageContaining(
            "extractor \"inflight-load-producer\" of type inflight-load-producer cannot read what"
                + " source \"metrics-data-source\" delivers");
  }

  private static List<String> producers(EffectiveConfiguration loaded) {
    return loaded.stages().producers().stream().map(Named::name).toList();
  }
}
