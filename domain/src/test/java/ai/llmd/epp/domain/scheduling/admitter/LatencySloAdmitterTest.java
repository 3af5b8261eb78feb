package ai.llmd.epp.domain.scheduling.admitter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.load;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencySloAdmitterTest {

  private static final Map<String, String> FAST = Map.of("x-llm-d-slo-ttft-ms", "100");

  private final LatencySloAdmitter admitter =
      new LatencySloAdmitter(new LatencySloAdmitter.Parameters(""));

  private static CycleFixture busy(int endpoints) {
    CycleFixture fixture = new CycleFixture();
    for (int i = 0; i < endpoints; i++) {
      fixture.endpoint(load(3, 5, 0.5));
    }
    return fixture;
  }

  private static LatencyPredictions predictions(@Nullable Prediction... bySlot) {
    return new LatencyPredictions(bySlot);
  }

  private static Prediction valid(boolean isTtft, boolean isTpot) {
    return new Prediction(isTtft, isTpot, 0, 0, 0, 0, 0);
  }

  private @Nullable String denial(
      CycleFixture fixture,
      LatencyPredictions predictions,
      int priority,
      Map<String, String> headers) {
    SchedulingCycle cycle =
        fixture.headers(headers).fact(LatencyPredictions.keyOrDefault(""), predictions).build();
    InferenceRequest request = cycle.request();
    return admitter.denial(
        new SchedulingCycle(
            new InferenceRequest(
                request.received(), request.targetModel(), priority, request.fairnessId()),
            cycle.candidates(),
            cycle.facts(),
            cycle.random(),
            0));
  }

  @Test
  void turnsAwayWhatNoEndpointServesInTime() {
    assertThat(denial(busy(2), predictions(valid(true, false), valid(false, true)), -1, FAST))
        .isEqualTo("no valid endpoint available to serve the request");
  }

  @Test
  void letsInWhatSomeEndpointServesInTime() {
    assertThat(denial(busy(2), predictions(valid(false, false), valid(true, true)), -1, FAST))
        .isNull();
  }

  @Test
  void letsInWhatIsNotSheddable() {
    assertThat(denial(busy(1), predictions(valid(false, false)), 0, FAST)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "fast", "", "1d", "0x10", "NaN"})
  void letsInWithoutAnObjective(String objective) {
    assertThat(
            denial(
                busy(1),
                predictions(valid(false, false)),
                -1,
                Map.of("x-llm-d-slo-tpot-ms", objective)))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-slo-ttft-ms", "x-slo-tpot-ms"})
  void readsTheOldNamesOfHeaders(String header) {
    assertThat(denial(busy(1), predictions(valid(false, false)), -1, Map.of(header, "1e2")))
        .isNotNull();
  }

  @Test
  void letsInWhileNothingIsPredicted() {
    assertThat(denial(busy(2), predictions(null, null), -1, FAST)).isNull();
    assertThat(denial(busy(2), predictions(), -1, FAST)).isNull();
  }

  @Test
  void letsInForAnEndpointThatIsIdleOrCold() {
    assertThat(
            denial(
                busy(1).endpoint(load(3, 0, 0.5)),
                predictions(valid(false, false), valid(false, false)),
                -1,
                FAST))
        .isNull();
    assertThat(
            denial(
                busy(1).endpoint(load(3, 5, 0.019)),
                predictions(valid(false, false), valid(false, false)),
                -1,
                FAST))
        .isNull();
  }

  @Test
  void oneWithoutAPredictionAmongOthersDoesNotCount() {
    assertThat(denial(busy(2), predictions(valid(false, false), null), -1, FAST)).isNotNull();
  }
}
