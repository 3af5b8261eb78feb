package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomIdsTest {

  private static final int ROUNDS = 20_000;

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5, 0.9, 1})
  void soManyRequestsAreChosen(double ratio) {
    RandomIds ids = RandomIds.ofRatio(ratio);

    long chosen = IntStream.range(0, ROUNDS).filter(round -> ids.isChosen()).count();

    assertThat(chosen / (double) ROUNDS).isBetween(ratio - 0.03, ratio + 0.03);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.1, 0.5, 0.9, 1})
  void everySamplerOfTheSameRatioChoosesTheSameTraces(double ratio) {
    RandomIds ids = RandomIds.ofRatio(ratio);
    Sampler other = Sampler.traceIdRatioBased(ratio);

    for (int round = 0; round < 1_000; round++) {
      assertThat(decision(other, ids.chosenTraceId().text()))
          .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
      if (ratio < 1) {
        assertThat(decision(other, ids.unchosenTraceId().text())).isEqualTo(SamplingDecision.DROP);
      }
    }
  }

  private static SamplingDecision decision(Sampler sampler, String traceId) {
    return sampler
        .shouldSample(
            Context.root(), traceId, "span", SpanKind.SERVER, Attributes.empty(), List.of())
        .getDecision();
  }
}
