package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.PrefixSeparation;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration need not say: versions, gates, profiles, weights, pickers, policies. */
class ImpliedPartsTest {

  @Test
  void theVersionOfTodayIsAcceptedInSilenceAndTheOldOneWithAWarning()
      throws InvalidDocumentException {
    assertThat(Loading.load("apiVersion: llm-d.ai/v1alpha1").warnings()).isEmpty();
    assertThat(
            Loading.load(
                    "apiVersion: inference.networking.x-k8s.io/v1alpha1\n"
                        + "kind: EndpointPickerConfig")
                .warnings())
        .containsExactly(
            "apiVersion inference.networking.x-k8s.io/v1alpha1 is deprecated, use"
                + " llm-d.ai/v1alpha1");
  }

  @ParameterizedTest
  @CsvSource({
    "[], true",
    "[haPopulateNonLeaderDatastore], true",
    "[haPopulateNonLeaderDatastore=false], false",
    "[haPopulateNonLeaderDatastore=F], false",
    "['haPopulateNonLeaderDatastore= 0 '], false",
    "['haPopulateNonLeaderDatastore=0=1'], false",
    "'[haPopulateNonLeaderDatastore=0, haPopulateNonLeaderDatastore=T]', true",
  })
  void theLastEntryOfAGateCounts(String gates, boolean isOn) throws InvalidDocumentException {
    FeatureGates read = Loading.load("featureGates: " + gates).featureGates();
    assertThat(read.haPopulateNonLeaderDatastore()).isEqualTo(isOn);
    assertThat(read.flowControl()).isFalse();
  }

  @Test
  void whatWasNeverReportedIsZeroOnlyWhereThatIsAskedFor() throws InvalidDocumentException {
    assertThat(Loading.load("featureGates: []").featureGates().unreportedLoadsAreZero()).isFalse();
    assertThat(
            Loading.load("featureGates: [unreportedLoadsAreZero]")
                .featureGates()
                .unreportedLoadsAreZero())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', false",
    "'featureGates: [conditionalDecode]', true",
    "'plugins: [{type: header-profile-handler}]', true",
  })
  void whatIsCachedIsShownWhereCoordinatorsAskOrTheGateIsOpen(String text, boolean isShown)
      throws InvalidDocumentException {
    assertThat(Loading.load(text, true).stages().refusesUncached()).isEqualTo(isShown);
  }

  @Test
  void clientsShareTheirPrefixesUnlessTenantsAreKeptApart() throws InvalidDocumentException {
    assertThat(Loading.load("").stages().separation()).isEqualTo(PrefixSeparation.NONE);
    assertThat(
            Loading.load("tenants: {prefixesByFairnessId: true, prefixesByHeader: X-Tenant}")
                .stages()
                .separation())
        .isEqualTo(new PrefixSeparation(true, "x-tenant"));
  }

  @Test
  void withoutProfilesEveryPluginWithARoleRunsInTheOrderOfItsDeclaration()
      throws InvalidDocumentException {
    SchedulingProfile profile =
        Loading.load(
                """
                plugins:
                - {name: c, type: queue-scorer}
                - {name: b, type: label-selector-filter}
                - {name: p, type: random-picker}
                - {name: x, type: inflight-load-producer}
                - {name: a, type: utilization-detector}
                - {name: j, type: janus}
                - {name: d, type: load-aware-scorer}
                """)
            .scheduling()
            .profiles()
            .getFirst();
    assertThat(profile.name()).isEqualTo("default");
    assertThat(profile.filters()).extracting(Named::name).containsExactly("b", "a", "j");
    assertThat(weights(profile)).containsExactly("c*1.0", "j*1.0", "d*1.0");
    assertThat(profile.picker().name()).isEqualTo("p");
  }

  @Test
  void aPluginWithTwoRolesActsInBothFromOneReference() throws InvalidDocumentException {
    SchedulingProfile profile =
        Loading.load(
                """
                plugins: [{type: janus}, {type: label-selector-filter}, {type: queue-scorer}]
                schedulingProfiles:
                - name: a
                  plugins:
                  - pluginRef: label-selector-filter
                    weight: 7
                  - pluginRef: queue-scorer
                  - pluginRef: janus
                    weight: 0.5
                """)
            .scheduling()
            .profiles()
            .getFirst();
    assertThat(profile.filters())
        .extracting(Named::name)
        .containsExactly("label-selector-filter", "janus");
    assertThat(weights(profile)).containsExactly("queue-scorer*1.0", "janus*0.5");
  }

  @Test
  void weightsAreTakenAsTheyAreAndAScorerCountsAsOftenAsItIsNamed()
      throws InvalidDocumentException {
    SchedulingProfile profile =
        Loading.load(
                """
                plugins: [{type: queue-scorer}, {type: load-aware-scorer}]
                schedulingProfiles:
                - name: a
                  plugins:
                  - {pluginRef: queue-scorer, weight: -0.5}
                  - {pluginRef: queue-scorer, weight: 0}
                  - {pluginRef: queue-scorer, weight: 2}
                """)
            .scheduling()
            .profiles()
            .getFirst();
    assertThat(weights(profile))
        .containsExactly("queue-scorer*-0.5", "queue-scorer*0.0", "queue-scorer*2.0");
  }

  @Test
  void aProfileWithoutPluginsGetsThePickerThatIsDeclaredForWhomever()
      throws InvalidDocumentException {
    SchedulingProfile profile =
        Loading.load("plugins: [{type: weighted-random-picker}]\nschedulingProfiles: [{name: a}]")
            .scheduling()
            .profiles()
            .getFirst();
    assertThat(profile.filters()).isEmpty();
    assertThat(profile.scorers()).isEmpty();
    assertThat(profile.picker().type()).isEqualTo("weighted-random-picker");
  }

  @Test
  void aDeclaredPluginKeepsTheNameOfAPolicyOrDetector() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - {name: fcfs-ordering-policy, type: queue-scorer}
            - {name: utilization-detector, type: utilization-detector}
            - {type: core-metrics-extractor}
            """);
    assertThat(loaded.plugins())
        .filteredOn(plugin -> plugin.name().equals("fcfs-ordering-policy"))
        .extracting(Named::type)
        .containsExactly("queue-scorer");
    assertThat(loaded.plugins()).extracting(Named::name).doesNotHaveDuplicates();
  }

  @Test
  void aSourceUnderTheDefaultNameIsLeftAsItIsWritten() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins: [{type: metrics-data-source}]
            dataLayer: {sources: [{pluginRef: metrics-data-source}]}
            """);
    assertThat(loaded.dataLayer().sources()).hasSize(1);
    assertThat(loaded.dataLayer().sources().getFirst().extractors()).isEmpty();
  }

  @Test
  void pluginsWithoutAReferenceAreBuiltAllTheSame() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins: [{type: queue-scorer}, {type: load-aware-scorer}]
            schedulingProfiles: [{name: a, plugins: [{pluginRef: queue-scorer}]}]
            """);
    assertThat(loaded.plugins()).extracting(Named::name).contains("load-aware-scorer");
    assertThat(weights(loaded.scheduling().profiles().getFirst()))
        .containsExactly("queue-scorer*1.0");
  }

  @Test
  void parametersOfATypeWithoutAnyAreNotLookedAt() throws InvalidDocumentException {
    List<String> types =
        List.of(
            "decode-filter",
            "prefill-filter",
            "encode-filter",
            "header-based-testing-filter",
            "queue-scorer",
            "running-requests-size-scorer",
            "kv-cache-utilization-scorer",
            "lora-affinity-scorer",
            "single-profile-handler",
            "always-disagg-pd-decider",
            "always-disagg-multimodal-decider");
    for (String type : types) {
      assertThat(Loading.load("plugins: [{type: " + type + ", parameters: [1, {a: b}]}]").plugins())
          .isNotEmpty();
    }
  }

  private static List<String> weights(SchedulingProfile profile) {
    return profile.scorers().stream()
        .map(weighted -> weighted.scorer().name() + "*" + weighted.weight())
        .toList();
  }
}
