package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.ByLabelFilter.Parameters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ByLabelFilterTest {

  private final SchedulingCycle cycle =
      new CycleFixture()
          .endpoint(EndpointLoad.UNSAMPLED, Map.of("tier", "a"))
          .endpoint(EndpointLoad.UNSAMPLED, Map.of("tier", "b"))
          .endpoint(EndpointLoad.UNSAMPLED, Map.of("other", "a"))
          .endpoint(EndpointLoad.UNSAMPLED, Map.of("tier", ""))
          .build();

  @Test
  void keepsTheValidValues() {
    assertThat(kept(List.of("a", "c"), false)).containsExactly("pod-0");
  }

  @Test
  void keepsEndpointsWithoutTheLabelWhenAllowed() {
    assertThat(kept(List.of("b"), true)).containsExactly("pod-1", "pod-2");
    assertThat(kept(List.of(), true)).containsExactly("pod-2");
  }

  @Test
  void takesAMissingLabelForAnEmptyValue() {
    assertThat(kept(List.of(""), false)).containsExactly("pod-2", "pod-3");
  }

  @Test
  void refusesWhatCouldNeverKeepAnything() {
    assertThatThrownBy(() -> kept(List.of(), false))
        .hasMessage("validValues is required unless allowsNoLabel is set");
    assertThatThrownBy(() -> new ByLabelFilter(new Parameters("", List.of("a"), true)))
        .hasMessage("label is required");
  }

  @Test
  void pointsToItsReplacement() {
    assertThat(ByLabelFilter.TYPE.replacement()).contains("label-selector-filter");
  }

  private List<String> kept(List<String> values, boolean allowsNoLabel) {
    return names(new ByLabelFilter(new Parameters("tier", values, allowsNoLabel)).filter(cycle));
  }
}
