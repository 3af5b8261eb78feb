package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.fuzz.Cuts;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Metrics pages: the load must not depend on where they are cut, and is never nonsense. */
public final class MetricsPageFuzz {

  private static final int MAX_LINE_BYTES = 1 << 16;
  private static final LoadReading READING =
      new EngineReading(EngineConfig.BUILT_IN.getFirst(), "x");

  private MetricsPageFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Cuts cuts = Cuts.of(data);
    @Nullable EndpointLoad whole = load(List.of(cuts.whole()));
    @Nullable EndpointLoad cut = load(cuts.pieces());
    if (!Objects.equals(whole, cut)) {
      throw new IllegalStateException("a load of " + whole + ", in pieces " + cut);
    }
    if (whole != null && Double.isNaN(whole.kvCacheUtilization())) {
      throw new IllegalStateException("no number: " + whole);
    }
  }

  /** Null when the page has failed. */
  private static @Nullable EndpointLoad load(List<byte[]> pieces) {
    ScanPlan plan = ScanPlan.of(READING.wanted());
    Samples samples = new Samples(plan);
    var scanner = new PageScanner(plan, samples, PageScanner.newPiece(), MAX_LINE_BYTES);
    scanner.begin();
    for (byte[] piece : pieces) {
      scanner.scan(Unpooled.wrappedBuffer(piece));
    }
    return scanner.end()
        ? READING.read(samples, 0, EndpointLoad.UNSAMPLED, 77, problem -> {})
        : null;
  }

  public static List<byte[]> seeds() {
    return Stream.of(
            """
            # HELP python_gc_objects_collected_total Objects "collected" {here}
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{engine="0",model_name="m \\"x\\" \\\\ \\n }"} 3.0
            vllm:num_requests_running{engine="1",model_name="m"} 4
            # TYPE vllm:num_requests_waiting gauge
            vllm:num_requests_waiting{engine="0"} 7 1700000000000
            # TYPE vllm:kv_cache_usage_perc gauge
            vllm:kv_cache_usage_perc 0.4225
            vllm:cache_config_info{block_size="16",num_gpu_blocks="12345",} 1.0
            vllm:lora_requests_info{max_lora="4",running_lora_adapters="a, b",waiting_lora_adapters="c"} 1.7e+09
            """,
            """
            # TYPE vllm:num_requests_waiting unknown
            {"vllm:num_requests_waiting","engine"="0"} +Inf 1.5 # {trace_id="x"} 1
            vllm:kv_cache_usage_perc{} NaN
            # EOF\
            """)
        .map(text -> Cuts.input("\5\40\0\7", text.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }
}
