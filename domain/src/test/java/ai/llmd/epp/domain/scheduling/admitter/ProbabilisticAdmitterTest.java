package ai.llmd.epp.domain.scheduling.admitter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.admitter.ProbabilisticAdmitter.Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbabilisticAdmitterTest {

  private static final Parameters DEFAULTS = ProbabilisticAdmitter.TYPE.defaults();

  private static SchedulingCycle cycle(int priority, EndpointLoad... loads) {
    CycleFixture fixture = new CycleFixture();
    for (EndpointLoad load : loads) {
      fixture.endpoint(load);
    }
    SchedulingCycle cycle = fixture.build();
    InferenceRequest request = cycle.request();
    return new SchedulingCycle(
        new InferenceRequest(
            request.received(), request.targetModel(), priority, request.fairnessId()),
        cycle.candidates(),
        cycle.facts(),
        cycle.random(),
        0);
  }

  @Test
  void turnsAwayAllOfASaturatedPool() {
    assertThat(
            new ProbabilisticAdmitter(DEFAULTS).denial(cycle(-1, load(5, 1, 0), load(0, 0, 0.8))))
        .isEqualTo("probabilistic-admitter: rejected, saturation=1.000 prob=1.00");
  }

  @Test
  void letsInWhatIsNotSheddableOrHasNoCandidate() {
    var admitter = new ProbabilisticAdmitter(DEFAULTS);

    assertThat(admitter.denial(cycle(0, load(50, 1, 1)))).isNull();
    assertThat(admitter.denial(cycle(-1))).isNull();
  }

  @ParameterizedTest
  @CsvSource({"1, 0.4, 2, 0.25", "0, 0.32, 5, 0.32", "2, 0, 1, 0.064", "0, 0, 300, 0"})
  void turnsAwayAsOftenAsThePowerOfTheSaturation(int waiting, double kv, double k, double share) {
    var admitter = new ProbabilisticAdmitter(new Parameters(5, 0.8, 3, k));
    SchedulingCycle cycle = cycle(-1, load(waiting, 1, kv));
    int denied = 0;
    for (int i = 0; i < 4_000; i++) {
      denied += admitter.denial(cycle) == null ? 0 : 1;
    }

    assertThat(denied / 4_000.0).isCloseTo(share, within(0.03));
  }

  @Test
  void anEndpointThatHasReportedNothingCountsAsSaturated() {
    assertThat(new ProbabilisticAdmitter(DEFAULTS).denial(cycle(-1, EndpointLoad.UNSAMPLED)))
        .contains("saturation=1.000");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.8, 5, 300, queueDepthThreshold",
    "5, 0, 5, 300, kvCacheUtilThreshold",
    "5, 0.8, -1, 300, power",
    "5, 0.8, 5, 0, k"
  })
  void refusesWhatIsNotAboveZero(int queue, double kv, double power, double k, String field) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Parameters(queue, kv, power, k))
        .withMessageStartingWith(field + " must be above 0");
  }
}
