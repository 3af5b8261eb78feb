package ai.llmd.epp.application.precise;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.routed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.PrefixMatches.Basis;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.kvcache.KvEvent;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Matches that engines disprove: named, not followed, and followed again when they are true. */
class UntrueMatchesTest {

  private static final int ENDPOINTS = 4;
  private static final int CONVERSATIONS = 40;
  private static final int TO_BE_NAMED = 200;
  private static final int REQUESTS = 800;
  private static final int[] TEMPLATE = {7, 7, 7};

  private final FakeFeeds feeds = new FakeFeeds();
  private final List<EndpointState> endpoints =
      IntStream.range(0, ENDPOINTS).mapToObj(i -> endpoint(i)).toList();
  private final List<SimulatedEngine> engines =
      IntStream.range(0, ENDPOINTS)
          .mapToObj(i -> new SimulatedEngine(event -> applied(event, i)))
          .toList();
  private final Random random = new Random(19);
  private String model = "m";
  private long now;
  private @Nullable KvCacheFigures figures;
  private final PrecisePrefixCacheProducer producer =
      new PrecisePrefixCacheProducer(
          "exact",
          "precise",
          PreciseParameters.DEFAULT,
          5,
          feeds,
          new Observer(),
          (LongSupplier) () -> now);

  UntrueMatchesTest() {
    endpoints.forEach(producer::added);
  }

  private final class Observer implements PrefixObserver {

    @Override
    public Hits producing(String name, String type, LongSupplier indexedBlocks) {
      return Hits.NONE;
    }

    @Override
    public Lookups following(String name, KvCacheFigures shown) {
      figures = shown;
      return Lookups.NONE;
    }
  }

  private void applied(KvEvent event, int slot) {
    Objects.requireNonNull(feeds.applier).apply(event, slot, model);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        arguments("block size", set(engine -> engine.blockTokens = 8), Cause.BLOCK_SIZE),
        arguments("template", set(engine -> engine.template = new int[] {7, 8}), Cause.TEMPLATE),
        arguments("silent evictions", set(engine -> engine.losesItsCache = true), Cause.STALE));
  }

  private static Consumer<UntrueMatchesTest> set(Consumer<SimulatedEngine> change) {
    return test -> test.engines.forEach(change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void areNamedAndRoutedNoWorseThanApproximately(
      String fault, Consumer<UntrueMatchesTest> set, Cause cause) {
    set.accept(this);
    run(TO_BE_NAMED);
    assertThat(truths()).extracting(KvCacheTruth::cause).containsOnly(cause);
    assertThat(truths()).extracting(KvCacheTruth::isTrusted).containsOnly(false);
    assertThat(producer.givenUp()).contains(Step.PREFIXES_DISTRUSTED);
    SchedulingCycle cycle = produce(content(0));
    assertThat(matches(cycle).basis(0)).isEqualTo(Basis.ROUTED);
    assertThat(producer.produce(cycle))
        .isInstanceOfSatisfying(
            Produced.Partly.class,
            partly ->
                assertThat(partly.reason())
                    .contains("ns/p0 distrusted (" + cause.name().toLowerCase(Locale.ROOT) + ")"));
    assertThat(run(REQUESTS)).isGreaterThanOrEqualTo(approximate(set) - 0.01);
  }

  @Test
  void ofAnotherModelAreNamed() {
    model = "another";
    run(TO_BE_NAMED);
    assertThat(truths()).extracting(KvCacheTruth::isTrusted).containsOnly(false);
  }

  /** Engines' own hashes may be anything: blocks are hashed here again. */
  @Test
  void anotherSeedOfTheEnginesChangesNothing() {
    for (int i = 0; i < ENDPOINTS; i++) {
      engines.get(i).seed = 1000L + i;
    }
    run(TO_BE_NAMED);
    assertThat(truths()).extracting(KvCacheTruth::cause).containsOnly(Cause.NONE);
    assertThat(truths()).extracting(KvCacheTruth::isTrusted).containsOnly(true);
    assertThat(run(REQUESTS)).isGreaterThan(0.8);
  }

  @Test
  void areFollowedAgainWhenTheyAreTrue() {
    engines.forEach(engine -> engine.blockTokens = 8);
    run(TO_BE_NAMED);
    assertThat(producer.givenUp()).isNotEmpty();
    engines.forEach(
        engine -> {
          engine.clear();
          engine.blockTokens = 16;
        });
    run(REQUESTS);
    assertThat(truths()).extracting(KvCacheTruth::isTrusted).containsOnly(true);
    assertThat(truths()).extracting(KvCacheTruth::cause).containsOnly(Cause.NONE);
    assertThat(producer.givenUp()).isEmpty();
    assertThat(matches(produce(content(0))).basis(0)).isNotEqualTo(Basis.ROUTED);
  }

  @Test
  void nothingThatWasSentBeforeAnEngineEmptiedItsCacheCounts() {
    engines.forEach(engine -> engine.blockTokens = 8);
    run(TO_BE_NAMED);
    SchedulingCycle before = produce(content(0));
    int holder = best(slot -> matches(before).matchedBlocks(slot));
    assertThat(matches(before).basis(holder)).isEqualTo(Basis.ROUTED);
    assertThat(matches(before).matchedBlocks(holder)).isPositive();

    feeds.statuses = List.of(emptied(holder, 1, 0));
    feeds.tick.run();
    assertThat(matches(produce(content(0))).matchedBlocks(holder)).isZero();

    sendTo(holder, content(0));
    assertThat(matches(produce(content(0))).matchedBlocks(holder)).isPositive();
    feeds.tick.run();
    assertThat(matches(produce(content(0))).matchedBlocks(holder)).as("still").isPositive();

    feeds.statuses = List.of(emptied(holder, 1, 1));
    feeds.tick.run();
    assertThat(matches(produce(content(0))).matchedBlocks(holder)).isZero();
  }

  private void sendTo(int slot, int[] content) {
    SchedulingCycle cycle = produce(content);
    assertThat(producer.onRouted(routed(cycle, endpoints.get(slot)))).isNotNull();
  }

  private KvStreamStatus emptied(int slot, int restarts, int clears) {
    var endpoint = endpoints.get(slot).endpoint();
    return new KvStreamStatus(
        endpoint.address() + ":" + endpoint.port(),
        Completeness.COMPLETE,
        0,
        5,
        6,
        0,
        restarts,
        clears,
        0,
        0,
        0,
        1);
  }

  private List<KvCacheTruth> truths() {
    return List.copyOf(Objects.requireNonNull(figures).truth().values());
  }

  /** The share of prompt tokens that were cached. */
  private double run(int requests) {
    double cached = 0;
    double all = 0;
    for (int i = 0; i < requests; i++) {
      int[] content = content(random.nextInt(CONVERSATIONS));
      SchedulingCycle cycle = produce(content);
      int pick = best(slot -> matches(cycle).matchedBlocks(slot));
      ResponseObserver observer =
          Objects.requireNonNull(producer.onRouted(routed(cycle, endpoints.get(pick))));
      Usage usage = engines.get(pick).compute(content);
      observer.onEnd(new ResponseSummary(Termination.NATURAL, usage, false, 1, 0, 1, 1));
      cached += usage.cachedTokens();
      all += usage.promptTokens();
      now += 250_000_000;
      feeds.tick.run();
    }
    return cached / all;
  }

  /** The same with nothing but where prompts were sent to, in a pool that begins anew. */
  private double approximate(Consumer<UntrueMatchesTest> set) {
    UntrueMatchesTest other = new UntrueMatchesTest();
    set.accept(other);
    RoutedPrefixes sent = new RoutedPrefixes(16, 5);
    double cached = 0;
    double all = 0;
    for (int i = 0; i < TO_BE_NAMED + REQUESTS; i++) {
      int[] content = other.content(other.random.nextInt(CONVERSATIONS));
      PromptKeys keys =
          PromptKeys.of(
              prompt(content),
              "m",
              PreciseParameters.DEFAULT.tokenProcessorConfig().hasher(),
              new TokenBuffer());
      int[] matched = sent.match(keys, ENDPOINTS);
      int pick = other.best(slot -> matched[slot]);
      sent.record(pick, keys);
      Usage usage = other.engines.get(pick).compute(content);
      cached += i < TO_BE_NAMED ? 0 : usage.cachedTokens();
      all += i < TO_BE_NAMED ? 0 : usage.promptTokens();
    }
    return cached / all;
  }

  private int best(IntUnaryOperator score) {
    int best = random.nextInt(ENDPOINTS);
    for (int slot = 0; slot < ENDPOINTS; slot++) {
      if (score.applyAsInt(slot) > score.applyAsInt(best)) {
        best = slot;
      }
    }
    return best;
  }

  /** 320 tokens of a conversation, and 40 that are new. */
  private int[] content(int conversation) {
    int[] content = new int[360];
    Random own = new Random(conversation);
    Arrays.setAll(content, i -> i < 320 ? own.nextInt(50_000) : random.nextInt(50_000));
    return content;
  }

  private SchedulingCycle produce(int[] content) {
    SchedulingCycle cycle = cycle(request(), endpoints.toArray(EndpointState[]::new));
    cycle.facts().put(TokenizedPrompt.KEY, prompt(content));
    producer.produce(cycle);
    return cycle;
  }

  private static TokenizedPrompt prompt(int[] content) {
    int[] tokens = Arrays.copyOf(TEMPLATE, TEMPLATE.length + content.length);
    System.arraycopy(content, 0, tokens, TEMPLATE.length, content.length);
    return new TokenPrompt(tokens);
  }

  private static PrefixMatches matches(SchedulingCycle cycle) {
    return Objects.requireNonNull(cycle.facts().get(PrefixMatches.key("exact")));
  }
}
