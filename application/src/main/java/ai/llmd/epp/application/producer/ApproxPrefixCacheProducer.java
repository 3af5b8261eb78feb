package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.BlockHasher;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Estimates how much of a prompt each endpoint holds in its prefix cache, from what was routed
 * there before.
 *
 * <p>Approximate: the model servers are not asked. A block counts as held from the moment a request
 * with it is sent to an endpoint until the endpoint's share of the index is full of newer ones.
 */
public final class ApproxPrefixCacheProducer implements Producer, PreRequest, PoolObserver {

  /** Profile whose first pick computes the prompt when prefill and decode are apart. */
  public static final String PREFILL_PROFILE = "prefill";

  private static final String TYPE_NAME = PrefixMatches.DEFAULT_PRODUCER;

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              TYPE_NAME,
              Parameters.DEFAULT,
              (parameters, context) ->
                  new ApproxPrefixCacheProducer(
                      context.name(),
                      parameters,
                      context.service(SharedState.class),
                      context.service(PrefixRecorder.class),
                      context.service(LocalChanges.class),
                      context.service(PrefixObserver.class)))
          .producingByDefault(PrefixMatches.key(TYPE_NAME).toString());

  /**
   * The same under the name that configurations of several clusters use; counted under the first.
   */
  public static final PluginType<Parameters> MULTICLUSTER_TYPE =
      PluginType.withContext(
              "multicluster-approx-prefix-cache-producer", TYPE.defaults(), TYPE.factory())
          .alpha();

  /**
   * How prompts are cut and how much is remembered.
   *
   * @param autoTune prefer what the model servers report about their caches
   * @param blockSizeTokens tokens of one block when servers report none; at least 64 are used
   * @param maxPrefixTokensToMatch tokens of a prompt that are looked at; 0 leaves it to the blocks
   * @param maxPrefixBlocksToMatch blocks of a prompt that are looked at, unless tokens are limited;
   *     0 is all
   * @param lruCapacityPerServer blocks remembered for one endpoint when it reports none; 0 or less
   *     is 31250
   * @param blockSize deprecated name of {@code blockSizeTokens}, used when that has its default
   */
  public record Parameters(
      boolean autoTune,
      int blockSizeTokens,
      int maxPrefixTokensToMatch,
      int maxPrefixBlocksToMatch,
      int lruCapacityPerServer,
      int blockSize) {

    private static final int DEFAULT_BLOCK_TOKENS = 16;
    private static final int MIN_BLOCK_TOKENS = 64;
    private static final int DEFAULT_CAPACITY = 31_250;

    public static final Parameters DEFAULT =
        new Parameters(true, DEFAULT_BLOCK_TOKENS, 131_072, 2_048, DEFAULT_CAPACITY, 0);

    public Parameters {
      if (blockSizeTokens == DEFAULT_BLOCK_TOKENS && blockSize > 0) {
        blockSizeTokens = blockSize;
      }
      if (!autoTune && blockSizeTokens <= 0) {
        throw new IllegalArgumentException(
            "blockSizeTokens must be above 0 when autoTune is off, was " + blockSizeTokens);
      }
      requireNotNegative("maxPrefixTokensToMatch", maxPrefixTokensToMatch);
      requireNotNegative("maxPrefixBlocksToMatch", maxPrefixBlocksToMatch);
    }

    private static void requireNotNegative(String field, int value) {
      if (value < 0) {
        throw new IllegalArgumentException(field + " must be 0 or more, was " + value);
      }
    }

    /**
     * @param reported tokens of one block in a model server's cache; 0 or less when unknown
     */
    int blockTokens(int reported) {
      return Math.max(MIN_BLOCK_TOKENS, autoTune && reported > 0 ? reported : blockSizeTokens);
    }

    int maxBlocks(int blockTokens) {
      if (maxPrefixTokensToMatch > 0) {
        return maxPrefixTokensToMatch / blockTokens;
      }
      return maxPrefixBlocksToMatch > 0 ? maxPrefixBlocksToMatch : Integer.MAX_VALUE;
    }

    /**
     * @param reported blocks in a model server's cache; 0 or less when unknown
     */
    int capacity(int reported) {
      if (autoTune && reported > 0) {
        return reported;
      }
      return lruCapacityPerServer > 0 ? lruCapacityPerServer : DEFAULT_CAPACITY;
    }
  }

  private final Parameters parameters;
  private final long hashSecret;
  private final RoutedBlocks routedBlocks;
  private final PrefixObserver.Hits hits;
  private final FactKey<PrefixMatches> matchesKey;
  private final FactKey<PrefixBlocks> blocksKey;

  /**
   * @param name instance name, under which facts are put and the index is kept
   */
  public ApproxPrefixCacheProducer(
      String name,
      Parameters parameters,
      SharedState state,
      PrefixRecorder recorder,
      LocalChanges changes,
      PrefixObserver observer) {
    this.parameters = parameters;
    this.hashSecret = state.hashSecret();
    this.routedBlocks = new RoutedBlocks(name, state, recorder, changes);
    PrefixCacheIndex index = routedBlocks.index();
    this.hits = observer.producing(name, TYPE_NAME, index::heldBlocks);
    this.matchesKey = PrefixMatches.key(name);
    this.blocksKey = new FactKey<>("PrefixBlocks", name, PrefixBlocks.class);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(TokenizedPrompt.KEY);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(matchesKey);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    PrefixBlocks blocks = blocksOf(cycle);
    int[] matched = new int[cycle.candidates().slotCount()];
    routedBlocks.index().match(blocks, matched);
    cycle
        .facts()
        .put(
            matchesKey, PrefixMatches.uniform(matched, blocks.totalBlocks(), blocks.blockTokens()));
    cycle.facts().put(blocksKey, blocks);
    return Produced.NOW;
  }

  private PrefixBlocks blocksOf(SchedulingCycle cycle) {
    Candidates candidates = cycle.candidates();
    int reported = candidates.isEmpty() ? 0 : candidates.get(0).load().cacheBlockTokens();
    int blockTokens = parameters.blockTokens(reported);
    TokenizedPrompt prompt = cycle.facts().get(TokenizedPrompt.KEY);
    if (prompt == null) {
      return new PrefixBlocks(new long[0], new int[0], blockTokens);
    }
    int maxBlocks = parameters.maxBlocks(blockTokens);
    return BlockHasher.hash(
        prompt, cycle.request().targetModel(), blockTokens, maxBlocks, hashSecret);
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    PrefixBlocks blocks = routed.facts().get(blocksKey);
    PrefixMatches matches = routed.facts().get(matchesKey);
    if (blocks == null || matches == null) {
      return null; // producing failed, and was reported then
    }
    Candidate primary = routed.primary().picks().get(0);
    hits.hit(matches.matchedBlocks(primary.slot()), blocks.totalBlocks(), blocks.blockTokens());
    if (blocks.totalBlocks() == 0) {
      return null;
    }
    ProfileResult prefill = routed.results().find(PREFILL_PROFILE).orElse(null);
    return Recording.both(
        record(primary, blocks), prefill == null ? null : record(prefill.picks().get(0), blocks));
  }

  private @Nullable Recording record(Candidate endpoint, PrefixBlocks blocks) {
    int capacity = parameters.capacity(endpoint.load().cacheBlocks());
    return routedBlocks.record(endpoint, blocks, capacity);
  }

  @Override
  public void added(EndpointState endpoint) {
    routedBlocks.added(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    routedBlocks.removed(endpoint, released);
  }
}
