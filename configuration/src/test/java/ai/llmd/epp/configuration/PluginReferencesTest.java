package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plugins that name others in their parameters. */
class PluginReferencesTest {

  /** A snippet, and a part of the one problem that it must give. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {deciders: {prefill: nobody}}}]",
            "1:75: plugins[0].parameters.deciders.prefill: no plugin \"nobody\""),
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {deciders: {encode: sorry}}},"
                + " {name: sorry, type: queue-scorer}]",
            "plugins[0].parameters.deciders.encode: plugin \"sorry\" of type queue-scorer is not a"
                + " decider"),
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {DeciderPluginName: pd-by}},"
                + " {name: pd-by-prefix, type: prefix-based-pd-decider}]",
            "plugins[0].parameters.DeciderPluginName: no plugin \"pd-by\""),
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {stageOrder: sideways}}]",
            "stageOrder must be decode-first or prefill-first, was \"sideways\""),
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {stageOrder: prefill-first,"
                + " deciders: {prefill: x}}}]",
            "deciders.prefill must be empty with stageOrder prefill-first"),
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {profiles: {decode: d},"
                + " decodeProfile: d}}]",
            "cannot be mixed with the deprecated fields"),
        arguments(
            "plugins: [{type: disagg-profile-handler, parameters: {profiles: {decoder: d}}}]",
            "unknown field \"decoder\"; did you mean \"decode\"?"),
        arguments(
            "plugins: [{type: pd-profile-handler}]",
            "plugins[0].parameters.deciderPluginName: no plugin \"prefix-based-pd-decider\""),
        arguments(
            "plugins: [{type: pd-profile-handler, parameters: {deciderPluginName: \"\"}}]",
            "plugins[0].parameters.deciderPluginName: is missing"),
        arguments(
            "plugins: [{type: pd-profile-handler, parameters: {prefixPluginName: gone}},"
                + " {type: prefix-based-pd-decider}]",
            "plugins[0].parameters.prefixPluginName: no plugin \"gone\""),
        arguments(
            "plugins: [{name: a, type: pd-profile-handler, parameters: {deciderPluginName: a}}]",
            "plugins refer to each other in a circle: a → a"),
        arguments(
            "plugins: [{type: pd-profile-handler, parameters: {deciderPluginName: broken}},"
                + " {name: broken, type: prefix-based-pd-decider,"
                + " parameters: {nonCachedTokens: -1}}]",
            "nonCachedTokens must be 0 or more, was -1"),
        arguments(
            "plugins: [{type: data-parallel-profile-handler, parameters: {primaryPort: 65536}}]",
            "primaryPort must be within 0 and 65535, was 65536"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isRefusedForThisReasonAlone(String snippet, String reason) {
    List<String> problems = Loading.problemsOf(snippet);
    assertThat(problems).singleElement().asString().contains(reason);
  }

  @Test
  void decidersAreBuiltBeforeTheHandlerThatNamesThem() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: disagg-profile-handler
              parameters: {deciders: {prefill: by-prefix, encode: by-image}}
            - {name: by-image, type: always-disagg-multimodal-decider}
            - {name: by-prefix, type: prefix-based-pd-decider, parameters: {nonCachedTokens: 8}}
            schedulingProfiles:
            - {name: decode, plugins: []}
            - {name: prefill, plugins: []}
            - {name: encode, plugins: []}
            """);
    assertThat(names(loaded.plugins()))
        .startsWith("by-prefix", "by-image", "disagg-profile-handler")
        .contains("approx-prefix-cache-producer", "token-producer");
    assertThat(loaded.scheduling().profileHandler().name()).isEqualTo("disagg-profile-handler");
    assertThat(names(loaded.stages().preRequests())).contains("disagg-profile-handler");
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void theFlatSpellingOfStagesIsDeprecated() throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: disagg-profile-handler
              parameters: {decodeProfile: d, deciderPluginName: yes-man}
            - {name: yes-man, type: always-disagg-pd-decider}
            """);
    assertThat(loaded.warnings())
        .containsExactly(
            "plugin \"disagg-profile-handler\": parameter decodeProfile is deprecated, use"
                + " profiles.decode",
            "plugin \"disagg-profile-handler\": parameter deciderPluginName is deprecated, use"
                + " deciders.prefill");
  }

  @Test
  void olderHandlersAreDeprecatedAndReportedUnderTheirPresentNames()
      throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(
            """
            plugins:
            - type: pd-profile-handler
            - type: prefix-based-pd-decider
            - type: prefill-header-handler
            """);
    assertThat(loaded.stages().preRequests())
        .extracting(Named::type)
        .contains("pd-profile-handler", "disagg-headers-handler");
    assertThat(loaded.warnings())
        .containsOnlyOnce(
            "plugin type pd-profile-handler is deprecated, use disagg-profile-handler",
            "plugin type prefill-header-handler is deprecated, use disagg-profile-handler");
    assertThat(Loading.load("plugins: [{type: data-parallel-profile-handler}]").warnings())
        .singleElement()
        .asString()
        .contains("use single-profile-handler");
  }

  private static List<String> names(List<? extends Named<?>> plugins) {
    return plugins.stream().map(plugin -> plugin.name()).toList();
  }
}
