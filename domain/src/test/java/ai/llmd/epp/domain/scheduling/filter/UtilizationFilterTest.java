package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter.Condition;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter.Metric;
import ai.llmd.epp.domain.scheduling.filter.UtilizationFilter.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UtilizationFilterTest {

  private final SchedulingCycle cycle =
      new CycleFixture()
          .endpoint(load(0, 1, 0.2))
          .endpoint(load(4, 8, 0.85))
          .endpoint(load(10, 3, 0.5))
          .endpoint(load(0, 0, Double.NaN))
          .fact(
              InFlightLoad.keyOrDefault(""), new InFlightLoad(new long[] {2, 7, 0, 3}, new long[4]))
          .build();

  @ParameterizedTest
  @CsvSource({
    "ACTIVE_REQUESTS, 2, pod-0 pod-2",
    "RUNNING_REQUESTS, 3, pod-0 pod-2 pod-3",
    "WAITING_QUEUE, 4, pod-0 pod-1 pod-3",
    "KV_CACHE_UTILIZATION, 0.85, pod-0 pod-1 pod-2",
    "KV_CACHE_UTILIZATION, 0, ''"
  })
  void keepsWhatDoesNotExceedTheLimit(Metric metric, double max, String kept) {
    assertThat(String.join(" ", kept(false, new Condition(metric, max)))).isEqualTo(kept);
  }

  @Test
  void allLimitsMustBeKept() {
    assertThat(
            kept(
                false,
                new Condition(Metric.WAITING_QUEUE, 4.0),
                new Condition(Metric.RUNNING_REQUESTS, 3.0)))
        .containsExactly("pod-0", "pod-3");
  }

  @Test
  void keepsAllInsteadOfNoneWhenConfigured() {
    var none = new Condition(Metric.KV_CACHE_UTILIZATION, 0.0);
    assertThat(kept(false, none)).isEmpty();
    assertThat(kept(true, none)).hasSize(4);
  }

  @Test
  void takesUnknownWorkInFlightForNone() {
    SchedulingCycle unknown = new CycleFixture().idle(2).build();
    var filter = filter(false, "", new Condition(Metric.ACTIVE_REQUESTS, 0.0));
    assertThat(filter.filter(unknown)).isSameAs(unknown.candidates());
  }

  @Test
  void requiresWhatItsConditionsRead() {
    assertThat(
            filter(
                    false,
                    "mine",
                    new Condition(Metric.ACTIVE_REQUESTS, 0.0),
                    new Condition(Metric.WAITING_QUEUE, 0.0),
                    new Condition(Metric.WAITING_QUEUE, 1.0))
                .requires())
        .containsExactlyInAnyOrder(InFlightLoad.key("mine"), LoadFields.WAITING_REQUESTS);
  }

  @Test
  void refusesConditionsThatSayNothing() {
    assertThatThrownBy(() -> filter(false, "")).hasMessage("conditions is required");
    assertThatThrownBy(() -> new Condition(null, 1.0)).hasMessage("metric is required");
    assertThatThrownBy(() -> new Condition(Metric.WAITING_QUEUE, null))
        .hasMessage("maxValue is required");
  }

  @Test
  void refusesLimitsOutsideTheirRange() {
    assertThatThrownBy(() -> new Condition(Metric.WAITING_QUEUE, -1.0))
        .hasMessage("maxValue must be 0 or more, was -1.0");
    assertThatThrownBy(() -> new Condition(Metric.KV_CACHE_UTILIZATION, 1.01))
        .hasMessage("maxValue must be within 0 and 1, was 1.01");
    assertThatThrownBy(() -> new Condition(Metric.WAITING_QUEUE, Double.NaN))
        .hasMessageContaining("maxValue");
  }

  private List<String> kept(boolean fallsBack, Condition... conditions) {
    return names(filter(fallsBack, "", conditions).filter(cycle));
  }

  private static UtilizationFilter filter(
      boolean fallsBack, String producer, Condition... conditions) {
    return new UtilizationFilter(new Parameters(List.of(conditions), fallsBack, producer));
  }
}
