package ai.llmd.epp.acceptance.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Dashboards, alerts and autoscalers that were made for the reference find every name that they can
 * ask for, on the first page that a picker shows: nothing was requested yet, and no endpoint is
 * there.
 */
class ReferenceNamesTest {

  private static final int KNOWN = 137;
  private static final Pattern FAMILY = Pattern.compile("(?m)^# TYPE (\\w+) ");
  private static final List<String> CONDITIONS =
      List.of("always", "streams", "flow", "stages", "prefill", "programs");

  /** With a handler for stages, which there is one of. */
  private static String withEverything(String handler) {
    return """
    featureGates: [flowControl]
    plugins:
    - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
    - {type: decode-filter}
    - {type: prefill-filter}
    - {type: max-score-picker}
    - {type: prefix-based-pd-decider}
    - %s
    - {name: shares, type: program-aware-fairness}
    schedulingProfiles:
    - {name: decode, plugins: [{pluginRef: decode-filter}, {pluginRef: max-score-picker}]}
    - {name: prefill, plugins: [{pluginRef: prefill-filter}, {pluginRef: max-score-picker}]}
    dataLayer: {discovery: {pluginRef: endpoints}}
    flowControl:
      defaultPriorityBand: {fairnessPolicyRef: shares}
    """
        .formatted(handler);
  }

  private static Set<String> families(RunningPicker picker) {
    return FAMILY
        .matcher(picker.get("/metrics").body())
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  @Test
  void theListHasEveryNameOnceAndAReasonForEachThatIsMissing() {
    List<ReferenceNames.Name> names = ReferenceNames.all();

    assertThat(names).extracting(ReferenceNames.Name::name).hasSize(KNOWN).doesNotHaveDuplicates();
    assertThat(names)
        .allSatisfy(
            name ->
                assertThat(name.shown())
                    .isIn(name.reason().isEmpty() ? CONDITIONS : List.of("none")));
    assertThat(names).filteredOn(name -> name.shown().equals("none")).hasSize(1);
  }

  @Test
  void aPickerWithDefaultsShowsWhatItIsNeverWithout() {
    try (RunningPicker picker =
        RunningPicker.startUnawares(RunningPicker.configuration("queue-scorer"), List.of())) {
      assertThat(families(picker)).containsAll(ReferenceNames.shown("always"));
    }
  }

  @Test
  void pickersWithEveryFeatureShowAllButWhatDoesNotExist() {
    Set<String> families = new HashSet<>();
    for (String handler :
        List.of(
            "{type: disagg-profile-handler,"
                + " parameters: {deciders: {prefill: prefix-based-pd-decider}}}",
            "{type: pd-profile-handler, parameters: {deciderPluginName:"
                + " prefix-based-pd-decider}}")) {
      try (RunningPicker picker =
          RunningPicker.startUnawares(
              withEverything(handler), List.of(), "--enable-grpc-stream-metrics")) {
        families.addAll(families(picker));
      }
    }

    for (String condition : CONDITIONS) {
      assertThat(families).containsAll(ReferenceNames.shown(condition));
    }
    assertThat(families).doesNotContainAnyElementsOf(ReferenceNames.shown("none"));
  }

  @Test
  void withoutTheOldNamesTheNewOnesStay() {
    try (RunningPicker picker =
        RunningPicker.startUnawares(
            RunningPicker.configuration("queue-scorer"), List.of(), "--legacy-metrics=false")) {
      assertThat(families(picker))
          .containsAll(
              ReferenceNames.shown("always").stream()
                  .filter(name -> name.startsWith("llm_d_epp_"))
                  .toList());
    }
  }
}
