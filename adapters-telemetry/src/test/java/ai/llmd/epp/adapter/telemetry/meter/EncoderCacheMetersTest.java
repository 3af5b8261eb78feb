package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.EncoderCacheObserver.Lookups;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EncoderCacheMetersTest {

  private static final EndpointId A = new EndpointId("ns", "a");
  private static final EndpointId B = new EndpointId("ns", "b");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final EncoderCacheMeters meters = new EncoderCacheMeters(registry);
  private final Lookups lookups = meters.producing("mine", "mm-embeddings-cache-producer");

  @Test
  void countsItemsByModality() {
    lookups.asked(Modality.IMAGE, 2);
    lookups.asked(Modality.IMAGE, 1);
    lookups.asked(Modality.AUDIO, 1);
    assertThat(Pages.family(registry, "llm_d_epp_encoder_cache_queries_total"))
        .containsExactly(
            "# TYPE llm_d_epp_encoder_cache_queries_total counter",
            "llm_d_epp_encoder_cache_queries_total{modality=\"audio\",plugin_name=\"mine\","
                + "plugin_type=\"mm-embeddings-cache-producer\"} 1",
            "llm_d_epp_encoder_cache_queries_total{modality=\"image\",plugin_name=\"mine\","
                + "plugin_type=\"mm-embeddings-cache-producer\"} 3");
  }

  @Test
  void countsHitsByEndpointAndForgetsThemWithIt() {
    lookups.held(A, Modality.VIDEO, 4);
    lookups.held(B, Modality.VIDEO, 1);
    assertThat(Pages.family(registry, "llm_d_epp_encoder_cache_hits_total"))
        .contains(
            "llm_d_epp_encoder_cache_hits_total{modality=\"video\",plugin_name=\"mine\","
                + "plugin_type=\"mm-embeddings-cache-producer\",pod=\"ns/a\"} 4");
    var released = new AtomicInteger();
    meters.removed(
        new EndpointState(0, 1, Endpoint.of(A, "10.0.0.1", 8000, Map.of())),
        released::incrementAndGet);
    assertThat(released).hasValue(1);
    assertThat(Pages.family(registry, "llm_d_epp_encoder_cache_hits_total"))
        .noneMatch(line -> line.contains("ns/a"))
        .anyMatch(line -> line.contains("ns/b"));
  }

  @Test
  void distributesTheShareThatCandidatesHeld() {
    lookups.compared(1, 2);
    lookups.compared(0, 3);
    assertThat(Pages.family(registry, "llm_d_epp_encoder_cache_hit_ratio"))
        .contains(
            "llm_d_epp_encoder_cache_hit_ratio_bucket{plugin_name=\"mine\","
                + "plugin_type=\"mm-embeddings-cache-producer\",le=\"0\"} 1",
            "llm_d_epp_encoder_cache_hit_ratio_bucket{plugin_name=\"mine\","
                + "plugin_type=\"mm-embeddings-cache-producer\",le=\"0.5\"} 2",
            "llm_d_epp_encoder_cache_hit_ratio_sum{plugin_name=\"mine\","
                + "plugin_type=\"mm-embeddings-cache-producer\"} 0.5");
  }
}
