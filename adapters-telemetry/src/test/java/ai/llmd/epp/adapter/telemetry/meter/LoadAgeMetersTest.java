package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.ReadTimes;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadAgeMetersTest {

  private static final long MILLI = 1_000_000;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final LoadAgeMeters meters = new LoadAgeMeters(registry, () -> 100 * MILLI);

  private List<String> sums() {
    return Pages.family(registry, "llm_d_epp_load_age_seconds").stream()
        .filter(line -> line.contains("_sum") || line.contains("_count"))
        .toList();
  }

  @Test
  void showsHowOldEachValueWasThatWasKnown() {
    Reported known = new Reported(true, true, false, false);
    meters.used(
        new EndpointLoad(
            1,
            2,
            0.5,
            Set.of(),
            Set.of(),
            0,
            0,
            0,
            Map.of(),
            70 * MILLI,
            true,
            known,
            ReadTimes.of(70 * MILLI, 20 * MILLI, 10 * MILLI, ReadTimes.NEVER, Map.of(), known)));

    assertThat(sums())
        .containsExactlyInAnyOrder(
            "llm_d_epp_load_age_seconds_sum{value=\"waiting_requests\"} 0.03",
            "llm_d_epp_load_age_seconds_sum{value=\"running_requests\"} 0.08",
            "llm_d_epp_load_age_seconds_count{value=\"waiting_requests\"} 1",
            "llm_d_epp_load_age_seconds_count{value=\"running_requests\"} 1");
  }

  @Test
  void whatWasNeverSampledHasNoAge() {
    meters.used(EndpointLoad.UNSAMPLED);
    meters.used(EndpointLoad.UNSAMPLED_AS_ZERO);
    assertThat(sums()).isEmpty();
  }
}
