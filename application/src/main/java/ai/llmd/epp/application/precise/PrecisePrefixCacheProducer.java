package ai.llmd.epp.application.precise;

import static ai.llmd.epp.application.producer.ApproxPrefixCacheProducer.PREFILL_PROFILE;

import ai.llmd.epp.application.degradation.GivesUp;
import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.metrics.EndpointExtractor;
import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.application.port.out.kvcache.KvFeedFigures;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.producer.BringsSource;
import ai.llmd.epp.application.producer.LooksUpBlocks;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.tokens.ExactTokenProducer;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.kvcache.KvMatch;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.EngineCaches;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds how much of a prompt each endpoint holds in its prefix cache, as the model servers report
 * it themselves by KV-cache events over ZeroMQ.
 *
 * <p>Needs the model's own tokens: those that are estimated match nothing. Where what an endpoint
 * reports disagrees with the cached tokens of its responses, it is not followed for that endpoint:
 * where prompts were sent to counts there, until both agree again.
 */
public final class PrecisePrefixCacheProducer
    implements Producer,
        LooksUpBlocks,
        PreRequest,
        BringsSource,
        EndpointExtractor,
        GivesUp,
        AutoCloseable {

  /** Name of the type. */
  public static final String TYPE_NAME = "precise-prefix-cache-producer";

  public static final PluginType<PreciseParameters> TYPE =
      PluginType.withContext(
          TYPE_NAME, PreciseParameters.DEFAULT, PrecisePrefixCacheProducer::build);

  private static final String HOST_TIER = "cpu";
  private static final String LOCAL_SUBSCRIBER = "local-subscriber"; // as the reference has it
  private static final int MAX_WAITING_WRITES = 10_000;
  private static final int HEAP_SHARE = 5;

  private final PreciseParameters.KvEvents events;
  private final boolean isSpeculative;
  private final KvBlockHasher hasher;
  private final KvLocations locations;
  private final KvEventCounts counts = new KvEventCounts();
  private final KvBlockIndex index;
  private final KvEventApplier applier;
  private final PublishedEndpoints endpoints = new PublishedEndpoints();
  private final ByMember<EndpointState> members = new ByMember<>(Function.identity());
  private final CacheKnowledge knowledge;
  private final RoutedPrefixes routed;
  private final ExpectedBlocks expected; // the feed's thread
  private final AtomicInteger waitingWrites = new AtomicInteger();
  private final KvEventFeed feed;
  private final SharedCaches caches;
  private final LongSupplier nanos;
  private final PrefixObserver.Hits hits;
  private final PrefixObserver.Lookups lookups;
  private final FactKey<PrefixMatches> matchesKey;
  private final FactKey<LookedUp> lookedUpKey;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  private final class Figures implements KvCacheFigures {

    @Override
    public KvEventCounts events() {
      return counts;
    }

    @Override
    public KvFeedFigures feed() {
      return feed.figures();
    }

    @Override
    public Map<String, KvCacheTruth> truth() {
      return knowledge.truth();
    }

    @Override
    public Map<String, PrefixMatches.Basis> bases() {
      return knowledge.bases();
    }

    @Override
    public Map<String, Long> snapshots() {
      return caches.outcomes();
    }

    @Override
    public long indexBytes() {
      return index.bytes();
    }
  }

  /**
   * Begins to listen where model servers are to connect to.
   *
   * @param name instance name, under which facts are put
   * @param typeName under which hits are counted
   * @param secret of where blocks are kept
   * @param nanos the time, in the manner of {@link System#nanoTime}
   * @throws IllegalArgumentException if an address cannot be used
   */
  public PrecisePrefixCacheProducer(
      String name,
      String typeName,
      PreciseParameters parameters,
      long secret,
      KvEventFeeds feeds,
      PrefixObserver observer,
      LongSupplier nanos) {
    this.events = parameters.kvEventsConfig();
    this.isSpeculative = parameters.speculativeIndexing();
    this.hasher = parameters.tokenProcessorConfig().hasher();
    this.locations = parameters.indexerConfig().locations();
    this.index =
        new KvBlockIndex(
            parameters
                .indexerConfig()
                .kvBlockIndexConfig()
                .maxBytes(Runtime.getRuntime().maxMemory() / HEAP_SHARE),
            locations,
            secret);
    this.applier = new KvEventApplier(index, hasher, locations, counts);
    this.knowledge =
        new CacheKnowledge(
            !events.zmqEndpoint().isEmpty(),
            hasher.blockTokens(),
            applier::blockTokens,
            endpoints::of);
    this.routed = new RoutedPrefixes(hasher.blockTokens(), secret);
    this.expected =
        new ExpectedBlocks(
            index,
            endpoint -> members.of(endpoint) != null,
            parameters.speculativeTTL().toNanos(),
            nanos);
    this.matchesKey = PrefixMatches.key(name);
    this.lookedUpKey = new FactKey<>("PromptKeys", name, LookedUp.class);
    this.nanos = nanos;
    this.feed =
        feeds.open(
            new KvEventFeeds.Settings(
                events.engineType(), events.topicFilter(), events.zmqEndpoint()),
            applier,
            endpoints,
            this::tick);
    this.caches =
        new SharedCaches(
            hasher,
            index,
            applier,
            locations,
            feed,
            endpoint -> members.of(endpoint) != null,
            endpoints::of);
    this.hits = observer.producing(name, typeName, index::blocks);
    this.lookups = observer.following(name, new Figures());
  }

  private static PrecisePrefixCacheProducer build(
      PreciseParameters parameters, PluginContext context) {
    if (parameters.indexerConfig().tokenizersPoolConfig() != null) {
      throw new IllegalArgumentException(
          "tokenizersPoolConfig is not available; a token-producer finds the tokens");
    }
    return of(TYPE_NAME, parameters, context);
  }

  /** A producer of the name and with the parts of a context. */
  static PrecisePrefixCacheProducer of(
      String typeName, PreciseParameters parameters, PluginContext context) {
    SharedState state = context.service(SharedState.class);
    var producer =
        new PrecisePrefixCacheProducer(
            context.name(),
            typeName,
            parameters,
            state.hashSecret(),
            context.service(KvEventFeeds.class),
            context.service(PrefixObserver.class),
            context.service(LongSupplier.class));
    state.share(context.name(), producer.caches());
    return producer;
  }

  /** What other replicas can go on from. */
  public EngineCaches caches() {
    return caches;
  }

  @Override
  public String type() {
    return TYPE_NAME;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(TokenizedPrompt.KEY);
  }

  /** Without these a configuration is taken, with a warning. */
  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(ExactTokenProducer.MODEL_TOKENS);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(matchesKey);
  }

  /** What is known of each publisher, in no order. Any thread. */
  public List<KvStreamStatus> streams() {
    return feed.statuses();
  }

  /**
   * What is followed now.
   *
   * @param subscribers namespace and name of each endpoint that is subscribed to, {@code
   *     local-subscriber} where publishers connect to us; in no order
   * @param isSpeculative whether a prompt counts as held once it is sent
   * @param expectations prompts that count so now
   * @param blockTokens tokens of a block
   * @param truth how predictions compare with what endpoints report, by namespace and name
   */
  public record Following(
      List<String> subscribers,
      boolean isSpeculative,
      int expectations,
      int blockTokens,
      Map<String, KvCacheTruth> truth) {}

  /** What is followed, without anything of a request. Any thread. */
  public Following following() {
    List<String> subscribers = new ArrayList<>();
    if (!events.zmqEndpoint().isEmpty()) {
      subscribers.add(LOCAL_SUBSCRIBER);
    }
    for (int slot = 0; isSubscribing() && slot < members.slotCount(); slot++) {
      EndpointState member = members.at(slot);
      if (member != null && !endpoints.of(slot).isEmpty()) {
        subscribers.add(member.endpoint().id().toString());
      }
    }
    return new Following(
        subscribers, isSpeculative, expected.count(), hasher.blockTokens(), knowledge.truth());
  }

  private boolean isSubscribing() {
    return events.discoverPods() && events.podDiscoveryConfig() != null;
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    TokenizedPrompt prompt = cycle.facts().get(TokenizedPrompt.KEY);
    if (prompt == null) {
      return Produced.NOW;
    }
    Scratch mine = Thread.currentThread().isVirtual() ? new Scratch() : scratch.get();
    PromptKeys keys = PromptKeys.of(prompt, cycle.request().targetModel(), hasher, mine.tokens());
    if (keys.blocks() == 0) {
      return Produced.NOW;
    }
    int slots = cycle.candidates().slotCount();
    KvMatch match = mine.match(slots);
    match(keys, match);
    CacheKnowledge.Found known = knowledge.found();
    cycle.facts().put(matchesKey, matches(match, slots, keys, known, cycle.facts()));
    return known.produced();
  }

  @Override
  public Evidence.@Nullable Lookup lookup(Facts facts) {
    LookedUp lookedUp = facts.get(lookedUpKey);
    return lookedUp == null ? null : lookedUp.found();
  }

  private void match(PromptKeys keys, KvMatch match) {
    int from = 0;
    for (int end : keys.ends()) {
      long began = nanos.getAsLong();
      index.match(keys.keys(), from, end, match);
      lookups.looked(match.longest(), nanos.getAsLong() - began);
      from = end;
    }
  }

  private PrefixMatches matches(
      KvMatch match, int slots, PromptKeys keys, CacheKnowledge.Found known, Facts facts) {
    int[] matched = new int[slots];
    int[] cached = new int[slots];
    int[] totals = new int[slots];
    int[] sizes = new int[slots];
    int host = locations.tiers().indexOf(HOST_TIER);
    int[] fetchable = new int[slots];
    for (int slot = 0; slot < slots; slot++) {
      matched[slot] = (int) match.score(slot);
      cached[slot] = match.blocks(slot);
      fetchable[slot] = host < 0 ? 0 : match.tierBlocks(slot, host);
    }
    Arrays.fill(totals, keys.blocks());
    Arrays.fill(sizes, hasher.blockTokens());
    int[] predicted = known.isAnyRouted() ? cached.clone() : cached;
    facts.put(lookedUpKey, LookedUp.of(keys, predicted, matched));
    if (known.isAnyRouted()) {
      int[] sent = routed.match(keys, slots);
      for (int slot = 0; slot < Math.min(slots, known.bases().length); slot++) {
        if (known.bases()[slot] == PrefixMatches.Basis.ROUTED) {
          matched[slot] = sent[slot];
          cached[slot] = sent[slot];
          fetchable[slot] = 0;
        }
      }
    }
    return new PrefixMatches(matched, totals, sizes, cached, fetchable, known.bases());
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest request) {
    LookedUp lookedUp = request.facts().get(lookedUpKey);
    PrefixMatches matches = request.facts().get(matchesKey);
    if (lookedUp == null || matches == null) {
      return null;
    }
    PromptKeys keys = lookedUp.keys();
    Candidate primary = request.primary().picks().get(0);
    hits.hit(matches.matchedBlocks(primary.slot()), keys.blocks(), hasher.blockTokens());
    ResponseObserver comparison = comparison(request, primary, lookedUp);
    sent(primary, keys);
    ProfileResult prefill = request.results().find(PREFILL_PROFILE).orElse(null);
    if (prefill != null) {
      sent(prefill.picks().get(0), keys);
    }
    return comparison;
  }

  /** Of requests with one prompt that is computed where it is answered. */
  private @Nullable ResponseObserver comparison(
      RoutedRequest request, Candidate pick, LookedUp lookedUp) {
    TokenizedPrompt prompt = request.facts().get(TokenizedPrompt.KEY);
    CacheKnowledge.Followed endpoint =
        members.of(pick) == null ? null : knowledge.of(pick.endpoint().id());
    if (endpoint == null
        || prompt == null
        || prompt.prompts() != 1
        || lookedUp.keys().ends().length != 1
        || request.results().find(PREFILL_PROFILE).isPresent()) {
      return null;
    }
    ApiKind api = request.request().api();
    return new Comparison(
        knowledge,
        endpoint,
        (long) lookedUp.predicted(pick.slot()) * hasher.blockTokens(),
        prompt.tokens(0),
        api != ApiKind.COMPLETIONS && api != ApiKind.GENERATE);
  }

  /** Left out when the feed's thread is far behind: events will say the same. */
  private void sent(Candidate pick, PromptKeys keys) {
    EndpointState member = members.of(pick);
    CacheKnowledge.Followed followed = knowledge.of(pick.endpoint().id());
    boolean isDoubted = followed != null && knowledge.isDoubted(followed);
    if (member == null || !(isSpeculative || isDoubted)) {
      return;
    }
    if (waitingWrites.incrementAndGet() > MAX_WAITING_WRITES) {
      waitingWrites.decrementAndGet();
      return;
    }
    feed.write(
        () -> {
          waitingWrites.decrementAndGet();
          if (isSpeculative) {
            expected.add(member, keys.keys());
          }
          if (isDoubted && members.of(member) != null) {
            routed.record(member.slot(), keys);
          }
        });
  }

  /** On the feed's thread, several times a second. */
  private void tick() {
    expected.tick();
    var streams = feed.statuses();
    routed.follow(streams, endpoints);
    knowledge.refresh(streams, nanos.getAsLong());
  }

  @Override
  public Set<Step> givenUp() {
    return knowledge.found().steps();
  }

  @Override
  public void added(EndpointState endpoint) {
    members.add(endpoint);
    knowledge.add(endpoint);
    follow(endpoint, endpoints.put(endpoint));
  }

  @Override
  public void changed(EndpointState endpoint) {
    String before = endpoints.of(endpoint.slot());
    String now = endpoints.put(endpoint);
    if (!before.equals(now)) {
      leave(endpoint, before, () -> {});
      follow(endpoint, now);
    }
  }

  /** Subscribes to an endpoint, unless it has no address or publishers connect by themselves. */
  private void follow(EndpointState state, String published) {
    PreciseParameters.PodDiscovery ports = events.podDiscoveryConfig();
    if (!events.discoverPods() || ports == null || published.isEmpty()) {
      return;
    }
    var endpoint = state.endpoint();
    feed.add(
        endpoint.id().toString(),
        published,
        PublishedEndpoints.socket(endpoint, ports.socketPort()),
        ports.replaySocketPort() == 0
            ? ""
            : PublishedEndpoints.socket(endpoint, ports.replaySocketPort()));
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    members.remove(endpoint);
    knowledge.remove(endpoint);
    leave(endpoint, endpoints.take(endpoint.slot()), released);
  }

  /** Forgets what an endpoint held as long as it published under this name. */
  private void leave(EndpointState state, String published, Runnable released) {
    int slot = state.slot();
    feed.remove(
        state.endpoint().id().toString(),
        published,
        () -> {
          applier.forget(slot);
          routed.forget(slot);
          endpoints.forget(published, slot);
          released.run();
        });
  }

  @Override
  public void close() {
    feed.close();
  }
}
