package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pages of one engine: an {@link EngineConfig} compiled to the series to look for, and
 * the rules by which a series updates the load.
 */
final class EngineReading implements LoadReading {

  private static final int BLOCK_TOKENS = 0;
  private static final int BLOCKS = 1;

  /**
   * A wanted series: its position, the labels that are of interest, and the problems to report when
   * the page lacks it, or has a value that no load can have.
   */
  record Value(int index, List<String> labels, String noFamily, String noMatch, String noLoad) {}

  /** A value that goes to an attribute. */
  record Custom(String attribute, Value value) {}

  private final List<WantedSeries> wanted = new ArrayList<>();
  private final @Nullable Value waiting;
  private final @Nullable Value running;
  private final @Nullable Value kvUsage;
  private final @Nullable Value lora;
  private final @Nullable Value cacheInfo;
  private final @Nullable Value blockTokens;
  private final @Nullable Value blocks;
  private final List<Custom> customs = new ArrayList<>();

  /**
   * @param producer second part of the custom attributes' keys
   * @throws IllegalArgumentException when a specification or custom metric is invalid
   */
  EngineReading(EngineConfig engine, String producer) {
    waiting = ofEngines(engine.queuedRequestsSpec());
    running = ofEngines(engine.runningRequestsSpec());
    kvUsage = ofEngines(engine.kvUsageSpec());
    lora =
        labelled(
            engine.loraSpec(),
            WantedSeries.Choice.EACH_ENGINE_NEWEST,
            List.of("running_lora_adapters", "waiting_lora_adapters", "max_lora"));
    cacheInfo =
        labelled(
            engine.cacheInfoSpec(),
            WantedSeries.Choice.EACH_ENGINE,
            List.of(
                nonEmpty(engine.cacheBlockSizeLabelName(), "block_size"),
                nonEmpty(engine.cacheNumBlocksLabelName(), "num_gpu_blocks")));
    blockTokens = ofEngines(engine.cacheBlockSizeSpec());
    blocks = ofEngines(engine.cacheNumBlocksSpec());
    Set<String> keys = new HashSet<>();
    for (EngineConfig.CustomMetric custom : engine.customMetrics()) {
      customs.add(customOf(custom, producer, keys));
    }
  }

  private Custom customOf(EngineConfig.CustomMetric custom, String producer, Set<String> keys) {
    String key = custom.attributeKey();
    if (key.isEmpty()) {
      throw new IllegalArgumentException("custom metric attributeKey cannot be empty");
    }
    if (!keys.add(key)) {
      throw new IllegalArgumentException("custom metric \"" + key + "\" is given twice");
    }
    Value value = latest(custom.metricSpec(), "custom metric \"" + key + "\": ");
    if (value == null) {
      throw new IllegalArgumentException("custom metric \"" + key + "\" spec cannot be empty");
    }
    return new Custom(key + "/" + producer, value);
  }

  @Override
  public List<WantedSeries> wanted() {
    return Collections.unmodifiableList(wanted);
  }

  /** Keys of the attributes that this engine publishes. */
  List<String> attributes() {
    return customs.stream().map(Custom::attribute).toList();
  }

  @Override
  public EndpointLoad read(
      Samples samples, int first, EndpointLoad previous, long nowNanos, Consumer<String> problems) {
    EnginePage page = new EnginePage(samples, first, problems);
    int waitingRequests = page.sum(waiting, previous.waitingRequests());
    boolean hasWaiting = page.hasTaken();
    int runningRequests = page.sum(running, previous.runningRequests());
    boolean hasRunning = page.hasTaken();
    double kvCacheUtilization = page.mean(kvUsage, previous.kvCacheUtilization());
    boolean hasKvUsage = page.hasTaken();
    ReportedAdapters adapters = ReportedAdapters.read(page, lora, previous);
    page.expect(cacheInfo);
    // Unlike the rest, the block size does not outlive a page that has the series without it.
    int infoBlockTokens = page.commonLabel(cacheInfo, BLOCK_TOKENS, 0, previous.cacheBlockTokens());
    int infoBlocks = page.sumOfLabels(cacheInfo, BLOCKS, previous.cacheBlocks());
    int cacheBlockTokens = page.common(blockTokens, infoBlockTokens);
    int cacheBlocks = page.sum(blocks, infoBlocks);
    Map<String, Double> attributes = page.attributes(customs, previous.attributes());
    if (!page.hasAny()) {
      return previous;
    }
    EndpointLoad.Reported reported =
        previous
            .reported()
            .and(
                new EndpointLoad.Reported(
                    hasWaiting, hasRunning, hasKvUsage, adapters.isReported()));
    EndpointLoad.ReadTimes before = previous.readAt();
    EndpointLoad.ReadTimes readAt =
        EndpointLoad.ReadTimes.of(
            hasWaiting ? nowNanos : before.waitingRequests(),
            hasRunning ? nowNanos : before.runningRequests(),
            hasKvUsage ? nowNanos : before.kvCacheUtilization(),
            adapters.isReported() ? nowNanos : before.adapters(),
            page.missing(customs, previous),
            reported);
    return new EndpointLoad(
        waitingRequests,
        runningRequests,
        kvCacheUtilization,
        adapters.active(),
        adapters.waiting(),
        adapters.max(),
        cacheBlockTokens,
        cacheBlocks,
        attributes,
        nowNanos,
        true,
        reported,
        readAt);
  }

  private @Nullable Value ofEngines(String spec) {
    return spec.isEmpty() ? null : add(WantedSeries.ofEngines(MetricSpec.parse(spec)), "");
  }

  private @Nullable Value latest(String spec, String prefix) {
    return spec.isEmpty() ? null : add(WantedSeries.latest(MetricSpec.parse(spec)), prefix);
  }

  private @Nullable Value labelled(String spec, WantedSeries.Choice choice, List<String> labels) {
    return spec.isEmpty()
        ? null
        : add(new WantedSeries(MetricSpec.parse(spec), choice, labels), "");
  }

  private Value add(WantedSeries series, String prefix) {
    wanted.add(series);
    return new Value(
        wanted.size() - 1,
        series.labels(),
        prefix + "metric family \"" + series.spec().family() + "\" not found",
        prefix + "no series matches \"" + series.spec().text() + "\"",
        prefix + "the value of \"" + series.spec().text() + "\" is negative or not finite");
  }

  private static String nonEmpty(String value, String otherwise) {
    return value.isEmpty() ? otherwise : value;
  }
}
