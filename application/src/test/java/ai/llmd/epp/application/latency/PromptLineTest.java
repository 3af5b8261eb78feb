package ai.llmd.epp.application.latency;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PromptLineTest {

  private final PromptLine line =
      new PromptLine(
          new EndpointState(
              0, 0, Endpoint.of(new EndpointId("ns", "pod"), "192.0.2.1", 80, Map.of())));

  /** On a clock that may begin anywhere. */
  private static long at(long millis) {
    return Long.MAX_VALUE
        - TimeUnit.MILLISECONDS.toNanos(50)
        + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void theFirstHasBeenComputedSinceItWasSent() {
    assertThat(line.computingMillis(at(0))).isZero();
    line.enter(at(10));
    line.enter(at(20));
    assertThat(line.computingMillis(at(110))).isEqualTo(100);
    assertThat(line.computingMillis(at(5))).as("by a clock that lags").isZero();
  }

  @Test
  void theNextIsTakenUpWhenTheOneBeforeIsDone() {
    PromptLine.Place first = line.enter(at(10));
    PromptLine.Place second = line.enter(at(20));
    line.leave(first, at(60));
    assertThat(line.computingMillis(at(100))).isEqualTo(40);
    line.leave(first, at(90));
    assertThat(line.computingMillis(at(100))).as("left twice").isEqualTo(40);
    line.leave(second, at(100));
    assertThat(line.computingMillis(at(110))).isZero();
    line.enter(at(200));
    assertThat(line.computingMillis(at(230))).isEqualTo(30);
  }
}
