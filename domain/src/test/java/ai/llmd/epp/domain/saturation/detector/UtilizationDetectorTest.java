package ai.llmd.epp.domain.saturation.detector;

import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.saturation.detector.UtilizationDetector.Parameters;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UtilizationDetectorTest {

  private static final long NOW = Duration.ofMillis(200).toNanos();

  private final UtilizationDetector detector =
      new UtilizationDetector(UtilizationDetector.TYPE.defaults(), SampleAge.BY_CLOCK);

  @Test
  void theFullerOfQueueAndCacheCounts() {
    assertThat(saturation(load(5, 0, 0.1))).isEqualTo(1);
    assertThat(saturation(load(1, 0, 0.4))).isEqualTo(0.5);
  }

  @Test
  void thePoolIsAsFullAsItsEndpointsOnAverage() {
    assertThat(saturation(load(10, 0, 0), load(0, 0, 0))).isEqualTo(1);
  }

  @Test
  void anEmptyPoolIsSaturated() {
    assertThat(saturation()).isEqualTo(1);
  }

  @Test
  void missingOldAndBrokenSamplesCountAsFull() {
    assertThat(saturation(EndpointLoad.UNSAMPLED)).isEqualTo(1);
    assertThat(saturation(load(0, 0, Double.NaN))).isEqualTo(1);
    SchedulingCycle cycle = cycle(load(0, 0, 0));
    assertThat(detector.saturation(cycle.candidates(), NOW)).isZero();
    assertThat(detector.saturation(cycle.candidates(), NOW + 1)).isEqualTo(1);
  }

  @Test
  void whatASampleAgesDuringSlowPollingDoesNotCount() {
    SampleAge idleForASecond = (load, now) -> now - load.sampledAtNanos() - 1_000_000_000L;
    var lenient = new UtilizationDetector(UtilizationDetector.TYPE.defaults(), idleForASecond);
    SchedulingCycle cycle = cycle(load(0, 0, 0));
    long late = NOW + 1_000_000_000L;

    assertThat(lenient.saturation(cycle.candidates(), late)).isZero();
    assertThat(lenient.saturation(cycle.candidates(), late + 1)).isEqualTo(1);
  }

  @Test
  void theFilterKeepsFreshEndpointsBelowBothThresholds() {
    SchedulingCycle cycle =
        cycle(load(4, 0, 0.79), load(5, 0, 0), load(0, 0, 0.8), EndpointLoad.UNSAMPLED);
    assertThat(names(detector.filter(cycle))).containsExactly("pod-0");
  }

  @Test
  void theFilterKeepsAllWhenNoneIsLeft() {
    SchedulingCycle cycle = cycle(load(9, 0, 0), EndpointLoad.UNSAMPLED);
    assertThat(detector.filter(cycle)).isSameAs(cycle.candidates());
  }

  @Test
  void headroomRaisesTheFiltersThresholdsOnly() {
    var generous =
        new UtilizationDetector(
            new Parameters(10, 0.5, Duration.ofMillis(200), 0.2), SampleAge.BY_CLOCK);
    SchedulingCycle cycle = cycle(load(11, 0, 0), load(12, 0, 0));
    assertThat(names(generous.filter(cycle))).containsExactly("pod-0");
    assertThat(generous.saturation(cycle.candidates(), 0)).isEqualTo(1.15);
  }

  @Test
  void valuesOutsideTheirRangesAreRefused() {
    Duration fresh = Duration.ofMillis(1);
    assertThatThrownBy(() -> new Parameters(0, 0.8, fresh, 0)).hasMessageContaining("was 0");
    assertThatThrownBy(() -> new Parameters(5, 1.01, fresh, 0)).hasMessageContaining("was 1.01");
    assertThatThrownBy(() -> new Parameters(5, Double.NaN, fresh, 0))
        .hasMessageContaining("kvCacheUtilThreshold");
    assertThatThrownBy(() -> new Parameters(5, 0.8, Duration.ZERO, 0))
        .hasMessageContaining("metricsStalenessThreshold");
    assertThatThrownBy(() -> new Parameters(5, 0.8, fresh, -0.1)).hasMessageContaining("headroom");
  }

  private double saturation(EndpointLoad... loads) {
    return detector.saturation(cycle(loads).candidates(), 0);
  }

  private static SchedulingCycle cycle(EndpointLoad... loads) {
    CycleFixture fixture = new CycleFixture();
    for (EndpointLoad load : loads) {
      fixture.endpoint(load);
    }
    return fixture.build();
  }
}
