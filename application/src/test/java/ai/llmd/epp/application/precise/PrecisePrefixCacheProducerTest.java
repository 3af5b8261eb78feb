package ai.llmd.epp.application.precise;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.routed;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.precise.PreciseParameters.KvEvents;
import ai.llmd.epp.application.precise.PreciseParameters.PodDiscovery;
import ai.llmd.epp.application.precise.PreciseParameters.TokenProcessor;
import ai.llmd.epp.application.precise.PrecisePrefixCacheProducer.Following;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.kvcache.KvEvent;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PrecisePrefixCacheProducerTest {

  private static final String NAME = "precise";
  private static final int BLOCK = 4;

  private final FakeFeeds feeds = new FakeFeeds();
  private final List<String> hits = new ArrayList<>();
  private final EndpointState a = endpoint(0);
  private final EndpointState b = endpoint(1);
  private long now;
  private PrecisePrefixCacheProducer producer = producer(true);

  PrecisePrefixCacheProducerTest() {
    producer.added(a);
    producer.added(b);
  }

  @Test
  void matchesWhatAnEndpointReportsAsStored() {
    stored(0, "m", 1, 9);
    stored(1, "m", 1, 5);
    PrefixMatches matches = matches(produce(prompt("", range(1, 9))));
    assertThat(matches.matchedBlocks(0)).isEqualTo(2);
    assertThat(matches.cachedBlocks(0)).isEqualTo(2);
    assertThat(matches.matchedBlocks(1)).isEqualTo(1);
    assertThat(matches.totalBlocks(1)).isEqualTo(2);
    assertThat(matches.blockTokens(0)).isEqualTo(BLOCK);
  }

  @Test
  void sumsOverPromptsWithDifferentBeginnings() {
    stored(0, "m", 1, 9);
    PrefixMatches matches =
        matches(produce(prompt("", range(1, 5), range(50, 61), range(1, 3), range(1, 9))));
    assertThat(matches.matchedBlocks(0)).isEqualTo(3);
    assertThat(matches.totalBlocks(0)).isEqualTo(5);
  }

  @Test
  void separatesModelsAndSalts() {
    stored(0, "other", 1, 9);
    assertThat(matches(produce(prompt("", range(1, 9)))).matchedBlocks(0)).isZero();
    stored(1, "m", 1, 9);
    assertThat(matches(produce(prompt("salt", range(1, 9)))).matchedBlocks(1)).isZero();
  }

  @Test
  void showsWhatItsIndexGave() {
    stored(0, "m", 1, 9);
    stored(1, "m", 1, 5);

    assertThat(producer.lookup(produce(prompt("", range(1, 17))).facts()))
        .isEqualTo(new Evidence.Lookup(4, 2, 2, 2));
    assertThat(producer.lookup(produce(prompt("", range(1, 3))).facts())).isNull();
  }

  @Test
  void knowsNothingWithoutAFullBlock() {
    assertThat(produce(prompt("", range(1, 4))).facts().get(PrefixMatches.key(NAME))).isNull();
    assertThat(produce(null).facts().get(PrefixMatches.key(NAME))).isNull();
  }

  @Test
  void expectsWhatItRoutedForAWhile() {
    send(prompt("", range(1, 9)), a);
    assertThat(held(a)).isEqualTo(2);
    assertThat(hits).containsExactly("0/2*4");
    assertThat(producer.following().expectations()).isEqualTo(1);
    now += Duration.ofSeconds(1).toNanos();
    send(prompt("", range(1, 9)), a);
    now += Duration.ofSeconds(1).toNanos();
    feeds.tick.run();
    assertThat(held(a)).isEqualTo(2); // the second request's
    now += Duration.ofSeconds(1).toNanos();
    feeds.tick.run();
    assertThat(held(a)).isZero();
    assertThat(producer.following().expectations()).isZero();
  }

  @Test
  void tellsWhoseEventsItFollows() {
    Following following = producer.following();
    assertThat(following.subscribers()).containsExactlyInAnyOrder("ns/p0", "ns/p1");
    assertThat(following.isSpeculative()).isTrue();
    assertThat(following.blockTokens()).isEqualTo(BLOCK);
    producer.removed(a, () -> {});
    assertThat(producer.following().subscribers()).containsExactly("ns/p1");
    KvEvents connecting = new KvEvents("tcp://*:5557", "kv@", 4, "", false, null);
    assertThat(producer(false, connecting).following().subscribers())
        .containsExactly("local-subscriber");
  }

  @Test
  void keepsWhatWasConfirmedMeanwhile() {
    send(prompt("", range(1, 9)), a);
    stored(0, "m", 1, 9);
    now += Duration.ofSeconds(3).toNanos();
    feeds.tick.run();
    assertThat(held(a)).isEqualTo(2);
  }

  @Test
  void expectsNothingUnlessConfigured() {
    producer = producer(false);
    producer.added(a);
    producer.added(b);
    send(prompt("", range(1, 9)), a);
    assertThat(held(a)).isZero();
  }

  @Test
  void listensToEachRankAtAPortOfItsOwn() {
    producer.added(
        new EndpointState(
            7,
            7,
            new Endpoint(new EndpointId("n", "p-rank-2"), "p", "fd00::1", 8002, "", Map.of(), 2)));
    assertThat(feeds.subscriptions)
        .containsEntry("n/p-rank-2", "fd00::1:8002 tcp://[fd00::1]:5559 tcp://[fd00::1]:6002")
        .containsEntry("ns/p0", "10.0.0.1:8000 tcp://10.0.0.1:5557 tcp://10.0.0.1:6000");
    assertThat(feeds.slots.applyAsInt("fd00::1:8002")).isEqualTo(7);
    assertThat(feeds.settings.topicFilter()).isEqualTo("kv@");
  }

  @Test
  void listensToNoneWithoutPorts() {
    producer = producer(false, new KvEvents("tcp://*:5557", "kv@", 4, "", true, null));
    feeds.subscriptions.clear();
    producer.added(a);
    assertThat(feeds.subscriptions).isEmpty();
    assertThat(feeds.slots.applyAsInt("10.0.0.1:8000")).isZero(); // it may connect to us
  }

  @Test
  void forgetsAnEndpointThatIsGone() {
    stored(0, "m", 1, 9);
    boolean[] isReleased = new boolean[1];
    producer.removed(a, () -> isReleased[0] = true);
    assertThat(isReleased[0]).isTrue();
    assertThat(held(a)).isZero();
    assertThat(feeds.subscriptions).containsOnlyKeys("ns/p1");
    assertThat(feeds.slots.applyAsInt("10.0.0.1:8000")).isNegative();
  }

  @Test
  void forgetsWhatAFormerAddressHeld() {
    stored(0, "m", 1, 9);
    a.describe(Endpoint.of(a.endpoint().id(), "10.0.0.9", 8000, Map.of()));
    producer.changed(a);
    assertThat(held(a)).isZero();
    assertThat(feeds.slots.applyAsInt("10.0.0.1:8000")).isNegative();
    assertThat(feeds.slots.applyAsInt("10.0.0.9:8000")).isZero();
    assertThat(feeds.subscriptions.get("ns/p0")).startsWith("10.0.0.9:8000 ");
  }

  @Test
  void anotherLabelChangesNothing() {
    stored(0, "m", 1, 9);
    a.describe(Endpoint.of(a.endpoint().id(), "10.0.0.1", 8000, Map.of("l", "v")));
    producer.changed(a);
    assertThat(held(a)).isEqualTo(2);
  }

  @Test
  void endsItsFeed() {
    producer.close();
    assertThat(feeds.isClosed).isTrue();
  }

  private PrecisePrefixCacheProducer producer(boolean isSpeculative) {
    return producer(
        isSpeculative, new KvEvents("", "kv@", 4, "", true, new PodDiscovery("", "", 5557, 6000)));
  }

  private PrecisePrefixCacheProducer producer(boolean isSpeculative, KvEvents events) {
    PreciseParameters defaults = PreciseParameters.DEFAULT;
    var parameters =
        new PreciseParameters(
            new TokenProcessor(BLOCK, 0, "", ""),
            defaults.indexerConfig(),
            events,
            isSpeculative,
            Duration.ZERO);
    PrefixObserver observer =
        (name, type, blocks) ->
            (matched, total, size) -> hits.add(matched + "/" + total + "*" + size);
    return new PrecisePrefixCacheProducer(
        NAME, "precise", parameters, 5, feeds, observer, () -> now);
  }

  private void stored(int slot, String model, int from, int to) {
    int[] tokens = range(from, to);
    KvEvent event = new KvEvent().reset();
    event.kind(KvEvent.Kind.STORED);
    event.blockTokens(BLOCK);
    System.arraycopy(tokens, 0, event.tokens(tokens.length), 0, tokens.length);
    long[] hashes = event.hashes(tokens.length / BLOCK);
    for (int i = 0; i < tokens.length / BLOCK; i++) {
      hashes[i] = 1000L * from + i;
    }
    Objects.requireNonNull(feeds.applier).apply(event, slot, model);
  }

  private int held(EndpointState endpoint) {
    return matches(produce(prompt("", range(1, 9)))).cachedBlocks(endpoint.slot());
  }

  private void send(TokenizedPrompt prompt, EndpointState to) {
    assertThat(producer.onRouted(routed(produce(prompt), to))).isNotNull();
  }

  private SchedulingCycle produce(@Nullable TokenizedPrompt prompt) {
    SchedulingCycle cycle = cycle(request(), a, b);
    if (prompt != null) {
      cycle.facts().put(TokenizedPrompt.KEY, prompt);
    }
    producer.produce(cycle);
    return cycle;
  }

  private static PrefixMatches matches(SchedulingCycle cycle) {
    return Objects.requireNonNull(cycle.facts().get(PrefixMatches.key(NAME)));
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  private static TokenizedPrompt prompt(String salt, int[]... prompts) {
    return new TokenizedPrompt() {
      @Override
      public int prompts() {
        return prompts.length;
      }

      @Override
      public int tokens(int prompt) {
        return prompts[prompt].length;
      }

      @Override
      public void writeTokens(int prompt, ByteSink sink) {
        ByteBuffer bytes =
            ByteBuffer.allocate(4 * prompts[prompt].length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(prompts[prompt]);
        sink.write(bytes.array(), 0, 3); // in any cut
        sink.write(bytes.array(), 3, bytes.capacity() - 3);
      }

      @Override
      public String cacheSalt() {
        return salt;
      }

      @Override
      public List<Feature> features(int prompt) {
        return List.of();
      }
    };
  }
}
