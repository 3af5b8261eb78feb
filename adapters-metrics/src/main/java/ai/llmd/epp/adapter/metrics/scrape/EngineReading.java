package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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

  private static final int RUNNING_ADAPTERS = 0;
  private static final int WAITING_ADAPTERS = 1;
  private static final int MAX_ADAPTERS = 2;
  private static final int BLOCK_TOKENS = 0;
  private static final int BLOCKS = 1;
  private static final int QUOTED_CHARACTERS = 64;

  /** A wanted series: its position, and the problem to report when the page lacks it. */
  private record Value(int index, String noFamily, String noMatch) {}

  /** A value that goes to an attribute. */
  private record Custom(String attribute, Value value) {}

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
    waiting = latest(engine.queuedRequestsSpec(), "");
    running = latest(engine.runningRequestsSpec(), "");
    kvUsage = latest(engine.kvUsageSpec(), "");
    lora =
        labelled(
            engine.loraSpec(),
            WantedSeries.Choice.GREATEST_VALUE,
            List.of("running_lora_adapters", "waiting_lora_adapters", "max_lora"));
    cacheInfo =
        labelled(
            engine.cacheInfoSpec(),
            WantedSeries.Choice.LATEST,
            List.of(
                nonEmpty(engine.cacheBlockSizeLabelName(), "block_size"),
                nonEmpty(engine.cacheNumBlocksLabelName(), "num_gpu_blocks")));
    blockTokens = latest(engine.cacheBlockSizeSpec(), "");
    blocks = latest(engine.cacheNumBlocksSpec(), "");
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
    Page page = new Page(samples, first, problems);
    int waitingRequests = page.number(waiting, previous.waitingRequests());
    int runningRequests = page.number(running, previous.runningRequests());
    double kvCacheUtilization = page.value(kvUsage, previous.kvCacheUtilization());
    Set<String> active = adapters(page, RUNNING_ADAPTERS, previous.activeAdapters());
    Set<String> queued = adapters(page, WAITING_ADAPTERS, previous.waitingAdapters());
    int maxActive = maxActiveAdapters(page, previous.maxActiveAdapters());
    page.expect(cacheInfo);
    // Unlike the rest, the block size does not outlive a page that has the series without it.
    int infoBlockTokens = cacheInfo(page, BLOCK_TOKENS, 0, previous.cacheBlockTokens());
    int infoBlocks = cacheInfo(page, BLOCKS, previous.cacheBlocks(), previous.cacheBlocks());
    int cacheBlockTokens = page.number(blockTokens, infoBlockTokens);
    int cacheBlocks = page.number(blocks, infoBlocks);
    Map<String, Double> attributes = page.attributes(customs, previous.attributes());
    if (!page.hasAny) {
      return previous;
    }
    return new EndpointLoad(
        waitingRequests,
        runningRequests,
        kvCacheUtilization,
        active,
        queued,
        maxActive,
        cacheBlockTokens,
        cacheBlocks,
        attributes,
        nowNanos,
        true);
  }

  private Set<String> adapters(Page page, int label, Set<String> known) {
    return lora != null && page.hasQuietly(lora) ? adapters(page.label(lora, label), known) : known;
  }

  private int maxActiveAdapters(Page page, int known) {
    return lora != null && page.hasQuietly(lora)
        ? page.integerLabel(lora, MAX_ADAPTERS, "max_lora", known)
        : known;
  }

  /** The number in a label of the cache's series, or one of the others without label or series. */
  private int cacheInfo(Page page, int label, int withoutLabel, int withoutSeries) {
    if (cacheInfo == null || !page.hasQuietly(cacheInfo)) {
      return withoutSeries;
    }
    String name = wanted.get(cacheInfo.index).labels().get(label);
    return page.integerLabel(cacheInfo, label, name, withoutLabel);
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
        prefix + "metric family \"" + series.spec().family() + "\" not found",
        prefix + "no series matches \"" + series.spec().text() + "\"");
  }

  private static String nonEmpty(String value, String otherwise) {
    return value.isEmpty() ? otherwise : value;
  }

  /** The names in a comma-separated list; the known set itself when it has the same names. */
  private static Set<String> adapters(@Nullable String list, Set<String> known) {
    if (list == null || list.isEmpty()) {
      return Set.of();
    }
    Set<String> names = new HashSet<>();
    int start = 0;
    while (start <= list.length()) {
      int comma = list.indexOf(',', start);
      int end = comma < 0 ? list.length() : comma;
      String name = list.substring(start, end).strip();
      if (!name.isEmpty()) {
        names.add(name);
      }
      start = end + 1;
    }
    return names.equals(known) ? known : Set.copyOf(names);
  }

  /** One page under this reading's positions, and whether it had anything. */
  private static final class Page {

    private final Samples samples;
    private final int first;
    private final Consumer<String> problems;
    private boolean hasAny;

    Page(Samples samples, int first, Consumer<String> problems) {
      this.samples = samples;
      this.first = first;
      this.problems = problems;
    }

    /** Reports a series that the page lacks. */
    void expect(@Nullable Value value) {
      if (value != null) {
        has(value);
      }
    }

    /** Whether the page has the series; reports one that it lacks. */
    boolean has(Value value) {
      if (hasQuietly(value)) {
        return true;
      }
      boolean hasFamily = samples.familySeen(first + value.index);
      problems.accept(hasFamily ? value.noMatch : value.noFamily);
      return false;
    }

    boolean hasQuietly(Value value) {
      boolean isFound = samples.found(first + value.index);
      hasAny |= isFound;
      return isFound;
    }

    double value(Value value) {
      return samples.value(first + value.index);
    }

    double value(@Nullable Value value, double otherwise) {
      return value != null && has(value) ? value(value) : otherwise;
    }

    /** Truncated toward zero; out of range it is the nearest int. */
    int number(@Nullable Value value, int otherwise) {
      return value != null && has(value) ? (int) value(value) : otherwise;
    }

    @Nullable String label(Value value, int index) {
      return samples.label(first + value.index, index);
    }

    int integerLabel(Value value, int index, String name, int otherwise) {
      String text = label(value, index);
      if (text == null || text.isEmpty()) {
        return otherwise;
      }
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        String shown =
            text.length() <= QUOTED_CHARACTERS ? text : text.substring(0, QUOTED_CHARACTERS);
        problems.accept("label " + name + " is not a whole number: \"" + shown + "\"");
        return otherwise;
      }
    }

    /** The previous attributes with the values of the page; the same map when nothing changed. */
    Map<String, Double> attributes(List<Custom> customs, Map<String, Double> previous) {
      Map<String, Double> changed = null;
      for (Custom custom : customs) {
        if (has(custom.value)) {
          Double now = value(custom.value);
          if (!now.equals(previous.get(custom.attribute))) {
            changed = changed == null ? new HashMap<>(previous) : changed;
            changed.put(custom.attribute, now);
          }
        }
      }
      return changed == null ? previous : changed;
    }
  }
}
