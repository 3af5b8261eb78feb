package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.domain.catalogue.Outdated;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvLocations;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the caches of model servers are followed.
 *
 * @param tokenProcessorConfig how prompts are cut into blocks
 * @param indexerConfig how much is kept, and what it counts
 * @param kvEventsConfig where the events come from
 * @param speculativeIndexing whether a routed request's blocks count as held until the events say
 *     so
 * @param speculativeTTL how long they do; 0 or less is {@code 2s}
 */
public record PreciseParameters(
    TokenProcessor tokenProcessorConfig,
    Indexer indexerConfig,
    KvEvents kvEventsConfig,
    boolean speculativeIndexing,
    Duration speculativeTTL)
    implements Outdated {

  private static final Duration DEFAULT_TTL = Duration.ofSeconds(2);

  /** What holds where nothing is configured. */
  public static final PreciseParameters DEFAULT =
      new PreciseParameters(
          new TokenProcessor(0, 0, "", ""),
          new Indexer(
              new BlockIndex(new InMemory(InMemory.DEFAULT_SIZE, 10), null, null, false, 0),
              List.of(new Tier("gpu", 1.0), new Tier("cpu", 0.8)),
              null),
          new KvEvents(
              "",
              "kv@",
              4,
              "",
              true,
              new PodDiscovery("llm-d.ai/inference-serving=true", "", 5557, 0)),
          false,
          DEFAULT_TTL);

  public PreciseParameters {
    if (!speculativeTTL.isPositive()) {
      speculativeTTL = DEFAULT_TTL;
    }
  }

  @Override
  public List<String> deprecations() {
    BlockIndex index = indexerConfig.kvBlockIndexConfig();
    if (index.redisConfig() == null || index.costAwareMemoryConfig() != null) {
      return List.of();
    }
    return List.of(
        "redisConfig is not connected to: each replica keeps the index in memory and follows every"
            + " model server's events itself"
            + (kvEventsConfig.zmqEndpoint().isEmpty()
                ? ""
                : "; model servers that connect to zmqEndpoint must connect to every replica"));
  }

  /**
   * How prompts are cut into blocks: the same at all replicas.
   *
   * @param blockSizeTokens tokens of a block; 0 is 16
   * @param blockSize deprecated name of {@code blockSizeTokens}, used when that is 0
   * @param hashSeed separates indexes from each other
   * @param hashAlgorithm {@code cbor-fnv} or {@code xxh64}; empty is {@code cbor-fnv}
   */
  public record TokenProcessor(
      int blockSizeTokens, int blockSize, String hashSeed, String hashAlgorithm) {

    public TokenProcessor {
      blockSizeTokens = blockSizeTokens == 0 ? blockSize : blockSizeTokens;
      if (blockSizeTokens < 0) {
        throw new IllegalArgumentException(
            "blockSizeTokens must be 0 or more, was " + blockSizeTokens);
      }
      HashAlgorithm.named(hashAlgorithm);
    }

    KvBlockHasher hasher() {
      return new KvBlockHasher(HashAlgorithm.named(hashAlgorithm), hashSeed, blockSizeTokens);
    }
  }

  /**
   * How much is kept, and what it counts.
   *
   * @param kvBlockIndexConfig how much
   * @param kvCacheBackendConfigs what a block counts by its tier; a tier that is not listed counts
   *     1
   * @param tokenizersPoolConfig without effect for {@code precise-prefix-cache-scorer}, refused for
   *     {@code precise-prefix-cache-producer}: tokens come from a {@code token-producer}
   */
  public record Indexer(
      BlockIndex kvBlockIndexConfig,
      List<Tier> kvCacheBackendConfigs,
      @Nullable TokenizersPool tokenizersPoolConfig) {

    public Indexer {
      kvCacheBackendConfigs = List.copyOf(kvCacheBackendConfigs);
    }

    KvLocations locations() {
      Map<String, Double> weights = new HashMap<>();
      kvCacheBackendConfigs.forEach(tier -> weights.put(tier.name(), tier.weight()));
      return new KvLocations(weights);
    }
  }

  /**
   * What a block of one tier counts.
   *
   * @param name of the tier, in lower case as events are compared with it
   * @param weight 0 or more
   */
  public record Tier(String name, double weight) {

    public Tier {
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("weight must be 0 or more, was " + weight);
      }
    }
  }

  /**
   * A tokenizer service of former versions.
   *
   * @param modelName whose tokenizer
   * @param workersCount prompts at once
   * @param uds where the service is
   */
  public record TokenizersPool(
      String modelName, int workersCount, TokenProducer.@Nullable UdsTokenizerConfig uds) {}

  /**
   * Bounds of the index. Of several the first given counts: bytes, then blocks.
   *
   * @param inMemoryConfig a bound in blocks
   * @param costAwareMemoryConfig a bound in bytes
   * @param redisConfig a store of the reference, which is not connected to: each replica keeps the
   *     index in memory, and a warning says so
   * @param enableMetrics without effect: what costs nothing is always counted
   * @param metricsLoggingInterval without effect: figures are metrics, not log lines
   */
  public record BlockIndex(
      InMemory inMemoryConfig,
      @Nullable CostAware costAwareMemoryConfig,
      @Nullable Redis redisConfig,
      boolean enableMetrics,
      long metricsLoggingInterval) {

    /** The bound on the index's memory, in bytes, of which the heap allows so much. */
    long maxBytes(long heapShare) {
      long wanted =
          costAwareMemoryConfig != null
              ? costAwareMemoryConfig.bytes()
              : inMemoryConfig.size() * InMemory.BYTES;
      return Math.min(wanted, heapShare);
    }
  }

  /**
   * A bound in blocks.
   *
   * @param size blocks that are kept, more than 0
   * @param podCacheSize without effect: all holders of a block are kept
   */
  public record InMemory(long size, int podCacheSize) {

    static final long DEFAULT_SIZE = 100_000_000;
    static final long BYTES = 48; // of a block with one holder

    public InMemory {
      if (size <= 0 || size > 1L << 40) {
        throw new IllegalArgumentException("size must be more than 0, was " + size);
      }
    }
  }

  /**
   * A bound in bytes.
   *
   * @param size as in {@code 500MiB} or {@code 2GB}; a number alone is bytes
   */
  public record CostAware(String size) {

    private static final Pattern SIZE =
        Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)\\s*([kmgtp]?)(i?)b?");

    public CostAware {
      bytes(size);
    }

    long bytes() {
      return bytes(size);
    }

    private static long bytes(String text) {
      Matcher parts = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (!parts.matches()) {
        throw new IllegalArgumentException("size must be bytes, as in 2GiB, was " + text);
      }
      double unit = parts.group(3).isEmpty() ? 1000 : 1024;
      int power = "kmgtp".indexOf(parts.group(2)) + 1;
      double bytes =
          Double.parseDouble(parts.group(1)) * Math.pow(unit, parts.group(2).isEmpty() ? 0 : power);
      if (bytes < 1) {
        throw new IllegalArgumentException("size must be more than 0, was " + text);
      }
      return (long) bytes;
    }
  }

  /**
   * A shared store of the reference.
   *
   * @param address where it is
   */
  public record Redis(String address) {}

  /**
   * Where the events come from.
   *
   * @param zmqEndpoint where model servers connect to, e.g. {@code tcp://*:5557}; empty for nowhere
   * @param topicFilter beginning of the topics that count
   * @param concurrency without effect but 1 or more: one thread keeps pace with all model servers
   * @param engineType {@code vllm} or {@code sglang}; empty is {@code vllm}
   * @param discoverPods whether each endpoint of the pool is connected to
   * @param podDiscoveryConfig at which ports; null for none, as if {@code discoverPods} were false
   */
  public record KvEvents(
      String zmqEndpoint,
      String topicFilter,
      int concurrency,
      String engineType,
      boolean discoverPods,
      @Nullable PodDiscovery podDiscoveryConfig) {

    public KvEvents {
      if (concurrency < 1) {
        throw new IllegalArgumentException("concurrency must be 1 or more, was " + concurrency);
      }
      if (!engineType.isEmpty() && !engineType.equals("vllm") && !engineType.equals("sglang")) {
        throw new IllegalArgumentException("engineType must be vllm or sglang, was " + engineType);
      }
    }
  }

  /**
   * At which ports endpoints publish; data-parallel ranks count up from there.
   *
   * @param podLabelSelector without effect: the pool's endpoints are followed
   * @param podNamespace without effect: the pool's endpoints are followed
   * @param socketPort of the events
   * @param replaySocketPort of replays; 0 for none
   */
  public record PodDiscovery(
      String podLabelSelector, String podNamespace, int socketPort, int replaySocketPort) {

    public PodDiscovery {
      requirePort("socketPort", socketPort, 1);
      requirePort("replaySocketPort", replaySocketPort, 0);
    }

    private static void requirePort(String field, int port, int least) {
      if (port < least || port > 65_535) {
        throw new IllegalArgumentException(
            field + " must be within " + least + " and 65535, was " + port);
      }
    }
  }
}
