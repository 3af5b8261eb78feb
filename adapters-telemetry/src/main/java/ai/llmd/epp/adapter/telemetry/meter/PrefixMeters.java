package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/** How well prefix caches are met, by producer. Any thread. */
public final class PrefixMeters implements PrefixObserver {

  /** The reference takes four bytes of text for a token. */
  private static final int BYTES_PER_TOKEN = 4;

  private static final String[] LABELS = {"plugin_name", "plugin_type"};

  private final Distribution ratios =
      new Distribution(
          "llm_d_epp_prefix_indexer_hit_ratio",
          "[ALPHA] Share of a prompt's blocks cached by the chosen endpoint.",
          Buckets.RATIO,
          LABELS);
  private final Distribution bytes =
      new Distribution(
          "llm_d_epp_prefix_indexer_hit_bytes",
          "[ALPHA] Bytes of a prompt cached by the chosen endpoint.",
          Buckets.HIT_BYTES,
          LABELS);
  private final Map<String, Producer> producers = new ConcurrentSkipListMap<>();
  private final KvCacheMeters caches;

  public PrefixMeters(PrometheusRegistry registry) {
    var sizes =
        GaugeWithCallback.builder()
            .name("llm_d_epp_prefix_indexer_size")
            .help("[ALPHA] Blocks in the index, over all endpoints.")
            .labelNames(LABELS)
            .callback(
                callback ->
                    producers.forEach(
                        (name, producer) ->
                            callback.call(
                                (double) producer.indexedBlocks.getAsLong(), name, producer.type)))
            .register(registry);
    caches = new KvCacheMeters(registry);
    registry.register(ratios);
    registry.register(bytes);
    registry.register(new DeprecatedTwin(sizes, "inference_extension_prefix_indexer_size"));
    registry.register(new DeprecatedTwin(ratios, "inference_extension_prefix_indexer_hit_ratio"));
    registry.register(new DeprecatedTwin(bytes, "inference_extension_prefix_indexer_hit_bytes"));
  }

  @Override
  public Producer producing(String name, String type, LongSupplier indexedBlocks) {
    var producer =
        new Producer(type, indexedBlocks, ratios.with(name, type), bytes.with(name, type));
    producers.put(name, producer);
    return producer;
  }

  @Override
  public Lookups following(String name, KvCacheFigures figures) {
    return caches.following(name, figures);
  }

  @Override
  public void gone(String name) {
    producers.remove(name);
    caches.gone(name);
  }

  /** One producer's hits. */
  public static final class Producer implements Hits {

    private final String type;
    private final LongSupplier indexedBlocks;
    private final Distribution.Series ratios;
    private final Distribution.Series bytes;

    private Producer(
        String type,
        LongSupplier indexedBlocks,
        Distribution.Series ratios,
        Distribution.Series bytes) {
      this.type = type;
      this.indexedBlocks = indexedBlocks;
      this.ratios = ratios;
      this.bytes = bytes;
    }

    @Override
    public void hit(int matchedBlocks, int totalBlocks, int blockTokens) {
      bytes.observe((double) matchedBlocks * blockTokens * BYTES_PER_TOKEN);
      if (totalBlocks > 0) {
        ratios.observe((double) matchedBlocks / totalBlocks);
      }
    }
  }
}
