package ai.llmd.epp.replication.send;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.latency.LatencyObservation.Kind;
import ai.llmd.epp.domain.pool.EndpointId;
import org.junit.jupiter.api.Test;

class ObservationLimiterTest {

  private final ObservationLimiter limiter = new ObservationLimiter(0);

  private int sent(int endpoints, int each, long nowNanos) {
    int sent = 0;
    for (int i = 0; i < endpoints; i++) {
      for (int j = 0; j < each; j++) {
        EndpointId id = new EndpointId("ns", "pod-" + i);
        sent += limiter.isDue(id, Kind.FIRST_TOKEN, nowNanos) ? 1 : 0;
      }
    }
    return sent;
  }

  @Test
  void sendsSomeOfEachEndpointInASecond() {
    assertThat(sent(1, 100, 1)).isEqualTo(ObservationLimiter.MAX_OF_ENDPOINT);
    assertThat(limiter.isDue(new EndpointId("ns", "pod-0"), Kind.FURTHER_TOKENS, 1)).isTrue();
    assertThat(sent(1, 100, 999_999_999)).isZero();
    assertThat(sent(1, 100, 1_000_000_000)).isEqualTo(ObservationLimiter.MAX_OF_ENDPOINT);
  }

  @Test
  void sendsNoMoreThanItsBoundInASecond() {
    assertThat(sent(2_000, 10, 1)).isEqualTo(ObservationLimiter.MAX_OF_ALL);
    assertThat(sent(2_000, 10, 2_000_000_000L)).isEqualTo(ObservationLimiter.MAX_OF_ALL);
  }
}
