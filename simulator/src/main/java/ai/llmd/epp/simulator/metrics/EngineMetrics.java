package ai.llmd.epp.simulator.metrics;

import ai.llmd.epp.simulator.engine.Capacity;
import ai.llmd.epp.simulator.engine.Engine;
import ai.llmd.epp.simulator.settings.FakeMetrics;
import ai.llmd.epp.simulator.settings.FakeMetrics.Loras;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The answer to {@code GET /metrics}. Belongs to the engine's thread. */
public final class EngineMetrics {

  private final String model;
  private final Capacity capacity;
  private final Engine engine;
  private final ServerMeters meters;
  private final LongSupplier unixSeconds;

  /**
   * @param model the value of the label {@code model_name}
   */
  public EngineMetrics(
      String model,
      Capacity capacity,
      Engine engine,
      ServerMeters meters,
      LongSupplier unixSeconds) {
    this.model = model;
    this.capacity = capacity;
    this.engine = engine;
    this.meters = meters;
    this.unixSeconds = unixSeconds;
  }

  /**
   * The page as of now.
   *
   * @param fake gauges to show instead of the engine's, null for the engine's
   */
  public byte[] write(@Nullable FakeMetrics fake) {
    EngineMetricsText text = new EngineMetricsText(model);
    gauges(text, fake == null ? real() : fake);
    meters.writeTo(text);
    return text.toBytes();
  }

  private FakeMetrics real() {
    return new FakeMetrics(
        engine.running(),
        engine.waiting(),
        engine.cacheUtilization(),
        engine.hasBeenAsked() ? List.of(loras()) : List.of()); // as vLLM: not before a request
  }

  private Loras loras() {
    return new Loras(
        String.join(",", engine.runningAdapters()),
        String.join(",", engine.waitingAdapters()),
        (double) unixSeconds.getAsLong());
  }

  private void gauges(EngineMetricsText text, FakeMetrics gauges) {
    gauge(text, "vllm:num_requests_running", gauges.runningRequests());
    gauge(text, "vllm:num_requests_waiting", gauges.waitingRequests());
    gauge(text, "vllm:kv_cache_usage_perc", gauges.kvCacheUsage());
    text.type("vllm:cache_config_info", "gauge");
    text.labelled(
        "vllm:cache_config_info",
        "block_size=\"%d\",num_gpu_blocks=\"%d\""
            .formatted(capacity.blockTokens(), capacity.cacheBlocks()),
        1);
    text.type("vllm:lora_requests_info", "gauge");
    for (Loras loras : gauges.loras()) {
      text.labelled(
          "vllm:lora_requests_info",
          "max_lora=\"%d\",running_lora_adapters=\"%s\",waiting_lora_adapters=\"%s\""
              .formatted(
                  capacity.maxAdapters(),
                  EngineMetricsText.escape(loras.running()),
                  EngineMetricsText.escape(loras.waiting())),
          loras.timestampSeconds());
    }
  }

  private static void gauge(EngineMetricsText text, String name, double value) {
    text.type(name, "gauge");
    text.sample(name, value);
  }
}
