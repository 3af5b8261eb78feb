package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.ReplicationFigures;
import ai.llmd.epp.application.port.out.ReplicationObserver.State;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationMetersTest {

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ReplicationMeters meters = new ReplicationMeters(registry, "redis");

  private List<String> family(String name) {
    return Pages.family(registry, name);
  }

  @Test
  void countsBatchesSentAndReceived() {
    meters.appended(3, 1_000, 2_000_000);
    meters.applied(4_000);
    meters.applied(-5);
    meters.refused("a batch of another version");
    meters.snapshotRead(10, 20_000_000);

    assertThat(family("llm_d_epp_state_batches_sent_total"))
        .contains("llm_d_epp_state_batches_sent_total{store=\"redis\"} 3");
    assertThat(family("llm_d_epp_state_bytes_sent_total"))
        .contains("llm_d_epp_state_bytes_sent_total{store=\"redis\"} 1000");
    assertThat(family("llm_d_epp_state_batches_refused_total"))
        .contains("llm_d_epp_state_batches_refused_total{store=\"redis\"} 1");
    assertThat(family("llm_d_epp_state_lag_seconds"))
        .contains(
            "llm_d_epp_state_lag_seconds_bucket{store=\"redis\",le=\"0.005\"} 2",
            "llm_d_epp_state_lag_seconds_count{store=\"redis\"} 2");
    assertThat(family("llm_d_epp_state_snapshot_seconds"))
        .contains("llm_d_epp_state_snapshot_seconds_count{direction=\"read\",store=\"redis\"} 1");
  }

  @Test
  void showsHowItStands() {
    meters.show(
        () -> new ReplicationFigures(2, 30, 4, 5, 6, true),
        () -> new Status(State.CUT_OFF, 1_000, "hangs"),
        () -> 3_500);

    assertThat(family("llm_d_epp_state_store_state"))
        .contains(
            "llm_d_epp_state_store_state{state=\"cut_off\",store=\"redis\"} 1",
            "llm_d_epp_state_store_state{state=\"sharing\",store=\"redis\"} 0");
    assertThat(family("llm_d_epp_state_store_state_age_seconds"))
        .contains("llm_d_epp_state_store_state_age_seconds{store=\"redis\"} 2.5");
    assertThat(family("llm_d_epp_state_replicas"))
        .contains("llm_d_epp_state_replicas{store=\"redis\"} 2");
    assertThat(family("llm_d_epp_state_backlog_bytes"))
        .contains("llm_d_epp_state_backlog_bytes{store=\"redis\"} 30");
    assertThat(family("llm_d_epp_state_batches_dropped_total"))
        .contains("llm_d_epp_state_batches_dropped_total{store=\"redis\"} 4");
  }
}
