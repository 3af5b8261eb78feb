package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often images, videos and sounds were encoded before, by producer. Any thread.
 *
 * <p>As many series as the pool has endpoints, times producers and modalities; an endpoint's go
 * with it.
 */
public final class EncoderCacheMeters implements EncoderCacheObserver, PoolObserver {

  private final Distribution ratios =
      new Distribution(
          "llm_d_epp_encoder_cache_hit_ratio",
          "[ALPHA] Share of a request's multimodal items cached by a candidate.",
          Buckets.RATIO,
          "plugin_type",
          "plugin_name");
  private final Map<Asked, LongAdder> asked = new ConcurrentHashMap<>();
  private final Map<Held, LongAdder> held = new ConcurrentHashMap<>();

  private record Producer(String type, String name) {}

  private record Asked(Producer producer, Modality modality) {}

  private record Held(Producer producer, EndpointId endpoint, Modality modality) {}

  public EncoderCacheMeters(PrometheusRegistry registry) {
    CounterWithCallback.builder()
        .name("llm_d_epp_encoder_cache_queries_total")
        .help("[ALPHA] Multimodal items in requests.")
        .labelNames("plugin_type", "plugin_name", "modality")
        .callback(
            callback ->
                asked.forEach(
                    (series, items) ->
                        callback.call(
                            (double) items.sum(),
                            series.producer.type,
                            series.producer.name,
                            label(series.modality))))
        .register(registry);
    CounterWithCallback.builder()
        .name("llm_d_epp_encoder_cache_hits_total")
        .help("[ALPHA] Multimodal items in requests that an endpoint had cached.")
        .labelNames("plugin_type", "plugin_name", "pod", "modality")
        .callback(
            callback ->
                held.forEach(
                    (series, items) ->
                        callback.call(
                            (double) items.sum(),
                            series.producer.type,
                            series.producer.name,
                            series.endpoint.toString(),
                            label(series.modality))))
        .register(registry);
    registry.register(ratios);
  }

  private static String label(Modality modality) {
    return modality.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Lookups producing(String producer, String type) {
    return new Counted(new Producer(type, producer), ratios.with(type, producer));
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    EndpointId gone = endpoint.endpoint().id();
    held.keySet().removeIf(series -> series.endpoint.equals(gone));
    released.run();
  }

  /** One producer's requests. */
  private final class Counted implements Lookups {

    private final Producer producer;
    private final Distribution.Series shares;

    Counted(Producer producer, Distribution.Series shares) {
      this.producer = producer;
      this.shares = shares;
    }

    @Override
    public void asked(Modality modality, int items) {
      asked.computeIfAbsent(new Asked(producer, modality), _ -> new LongAdder()).add(items);
    }

    @Override
    public void held(EndpointId endpoint, Modality modality, int items) {
      held.computeIfAbsent(new Held(producer, endpoint, modality), _ -> new LongAdder()).add(items);
    }

    @Override
    public void compared(int matchedItems, int totalItems) {
      shares.observe((double) matchedItems / totalItems);
    }
  }
}
