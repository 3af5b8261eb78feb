package ai.llmd.epp.benchmark;

import java.nio.charset.StandardCharsets;

/** Metrics pages of the size and look of vLLM's: mostly histograms that are not read. */
public final class MetricsPages {

  private static final String LABELS = "{engine=\"0\",model_name=\"m\"";

  private MetricsPages() {}

  /** A page of at least this many bytes. */
  public static byte[] page(int bytes, int waiting, int running, double kvCacheUsage) {
    StringBuilder page = new StringBuilder(bytes + 4_096);
    gauge(page, "vllm:num_requests_running", running);
    gauge(page, "vllm:num_requests_waiting", waiting);
    gauge(page, "vllm:kv_cache_usage_perc", kvCacheUsage);
    page.append("# TYPE vllm:cache_config_info gauge\n")
        .append("vllm:cache_config_info{block_size=\"16\",num_gpu_blocks=\"31250\"} 1.0\n");
    for (int i = 0; page.length() < bytes; i++) {
      histogram(page, "vllm:some_time_" + i + "_seconds");
    }
    return page.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void gauge(StringBuilder page, String name, double value) {
    page.append("# HELP ").append(name).append(" As in vLLM.\n");
    page.append("# TYPE ").append(name).append(" gauge\n");
    page.append(name).append(LABELS).append("} ").append(value).append('\n');
  }

  private static void histogram(StringBuilder page, String name) {
    page.append("# HELP ").append(name).append(" Histogram of some time in seconds.\n");
    page.append("# TYPE ").append(name).append(" histogram\n");
    for (int i = 0; i < 20; i++) {
      page.append(name).append("_bucket").append(LABELS);
      page.append(",le=\"").append(i / 10.0).append("\"} ").append(100.0 * i).append('\n');
    }
    page.append(name).append("_count").append(LABELS).append("} 2000.0\n");
    page.append(name).append("_sum").append(LABELS).append("} 812.25\n");
  }
}
