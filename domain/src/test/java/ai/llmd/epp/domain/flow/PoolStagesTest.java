package ai.llmd.epp.domain.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolStagesTest {

  /** As many tenths as endpoints; 1 when there is none. */
  private static final SaturationDetector COUNT =
      (candidates, nowNanos) -> candidates.isEmpty() ? 1 : candidates.size() / 10.0;

  private static PoolStages of(String... roles) {
    return PoolStages.measure(COUNT, pool(roles), 0);
  }

  private static Candidates pool(String... roles) {
    CycleFixture pool = new CycleFixture();
    for (String role : roles) {
      pool.endpoint(
          EndpointLoad.UNSAMPLED_AS_ZERO,
          role.equals("-") ? Map.of() : Map.of("llm-d.ai/role", role));
    }
    return pool.build().candidates();
  }

  /** Each request on its way adds a hundredth. */
  private static final SaturationDetector KNOWING =
      new SaturationDetector() {
        @Override
        public double saturation(Candidates candidates, long nowNanos) {
          return COUNT.saturation(candidates, nowNanos);
        }

        @Override
        public double shareOfRequest(int endpoints) {
          return 0.01;
        }
      };

  @Test
  void whatIsOnItsWayCountsInEveryPoolThatHasEndpoints() {
    assertThat(PoolStages.measure(KNOWING, pool("prefill", "-"), 0, 5))
        .isEqualTo(new PoolStages(0.1 + 0.05, 0.1 + 0.05, 0.1 + 0.05));
    assertThat(PoolStages.measure(KNOWING, pool("encode"), 0, 5).effective()).isEqualTo(0.1 + 0.05);
    assertThat(PoolStages.measure(KNOWING, pool(), 0, 5).effective()).isEqualTo(1);
  }

  @Test
  void theFullerStageCounts() {
    assertThat(of("prefill", "encode-prefill", "prefill", "decode", "", "-"))
        .isEqualTo(new PoolStages(0.3, 0.3, 0.3));
    assertThat(of("prefill", "decode", "-")).isEqualTo(new PoolStages(0.1, 0.2, 0.2));
    assertThat(of("prefill-decode", "both", "encode-prefill-decode", "prefill"))
        .isEqualTo(new PoolStages(0.4, 0.3, 0.4));
  }

  @Test
  void aStageWithoutEndpointsDoesNotCount() {
    assertThat(of("-", "-")).isEqualTo(new PoolStages(Double.NaN, 0.2, 0.2));
    assertThat(of("prefill")).isEqualTo(new PoolStages(0.1, Double.NaN, 0.1));
    assertThat(of("encode", "strange", "encode"))
        .isEqualTo(new PoolStages(Double.NaN, Double.NaN, 0.3));
    assertThat(of()).isEqualTo(new PoolStages(Double.NaN, Double.NaN, 1));
  }
}
