package ai.llmd.epp.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.simulator.engine.Latencies.Calculator;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyModelTest {

  private static final Duration NONE = Duration.ZERO;

  @Test
  void usesTheConstantWhenItIsSetAndTheTokensOtherwise() {
    assertThat(
            model(millis(100), millis(0), Calculator.EITHER, 1).firstTokenNanos(50, 10, false, 1))
        .isEqualTo(100_000_000);
    assertThat(model(millis(0), millis(0), Calculator.EITHER, 1).firstTokenNanos(50, 10, false, 1))
        .isEqualTo(3_000_000 + 40 * 1_000);
    assertThat(
            model(millis(100), millis(0), Calculator.PER_TOKEN, 1)
                .firstTokenNanos(50, 10, false, 1))
        .isEqualTo(3_000_000 + 40 * 1_000);
    assertThat(
            model(millis(0), millis(0), Calculator.CONSTANT, 1).firstTokenNanos(50, 10, false, 1))
        .isZero();
  }

  @Test
  void paysTheTransferOfARemotePrefillWhateverTheLoad() {
    LatencyModel constant = model(millis(100), millis(7), Calculator.EITHER, 3);
    LatencyModel perToken = model(millis(100), millis(0), Calculator.EITHER, 3);

    assertThat(constant.firstTokenNanos(50, 10, true, 5)).isEqualTo(7_000_000);
    assertThat(perToken.firstTokenNanos(50, 10, true, 5)).isEqualTo(50 * 2_000);
  }

  @Test
  void slowsDownInProportionToTheRunningSequences() {
    LatencyModel model = model(millis(100), millis(0), Calculator.EITHER, 3);

    assertThat(model.firstTokenNanos(50, 0, false, 1)).isEqualTo(100_000_000);
    assertThat(model.firstTokenNanos(50, 0, false, 3)).isEqualTo(200_000_000);
    assertThat(model.firstTokenNanos(50, 0, false, 5)).isEqualTo(300_000_000);
    assertThat(model.interTokenNanos(5)).isEqualTo(1_500_000);
  }

  @Test
  void keepsJitterWithinItsBoundsAndAroundItsMean() {
    Delay jittering = new Delay(Duration.ofMillis(100), Duration.ofMillis(30));
    LatencyModel model =
        new LatencyModel(
            latencies(jittering, Delay.NONE, Calculator.EITHER, 1, false), 5, new Random(1));
    double sum = 0;

    for (int i = 0; i < 10_000; i++) {
      long nanos = model.firstTokenNanos(50, 0, false, 1);
      assertThat(nanos).isBetween(30_000_000L, 170_000_000L);
      sum += nanos;
    }

    assertThat(sum / 10_000).isBetween(98_000_000.0, 102_000_000.0);
  }

  @Test
  void truncatesToMillisecondsWhenAskedTo() {
    Delay odd = new Delay(Duration.ofNanos(7_900_000), NONE);

    assertThat(
            new LatencyModel(
                    latencies(odd, Delay.NONE, Calculator.EITHER, 1, true), 5, new Random(1))
                .firstTokenNanos(50, 0, false, 1))
        .isEqualTo(7_000_000);
  }

  @Test
  void refusesADeviationBeyondThirtyPercent() {
    assertThatThrownBy(() -> new Delay(Duration.ofMillis(10), Duration.ofMillis(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("30%");
  }

  private static Delay millis(int millis) {
    return new Delay(Duration.ofMillis(millis), NONE);
  }

  private static LatencyModel model(
      Delay firstToken, Delay transfer, Calculator calculator, double factor) {
    return new LatencyModel(
        latencies(firstToken, transfer, calculator, factor, false), 5, new Random(1));
  }

  private static Latencies latencies(
      Delay firstToken, Delay transfer, Calculator calculator, double factor, boolean truncates) {
    return new Latencies(
        firstToken,
        new Delay(Duration.ofNanos(500_000), NONE),
        transfer,
        Duration.ofMillis(3),
        Duration.ofNanos(1_000),
        NONE,
        Duration.ofNanos(2_000),
        NONE,
        factor,
        calculator,
        truncates);
  }
}
