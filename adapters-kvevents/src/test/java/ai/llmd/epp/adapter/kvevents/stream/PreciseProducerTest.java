package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import ai.llmd.epp.application.precise.PreciseParameters;
import ai.llmd.epp.application.precise.PreciseParameters.KvEvents;
import ai.llmd.epp.application.precise.PreciseParameters.PodDiscovery;
import ai.llmd.epp.application.precise.PreciseParameters.TokenProcessor;
import ai.llmd.epp.application.precise.PrecisePrefixCacheProducer;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The producer of exact matches behind real sockets. */
class PreciseProducerTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int BLOCK = 4;
  private static final int MODEL_SERVERS_BLOCK = 2;

  @Test
  void matchesWhatAModelServerPublishesAndForgetsItWithTheServer() throws Exception {
    try (Publisher server = new Publisher();
        PrecisePrefixCacheProducer producer = producer(server)) {
      server.publish(0, stored(0, 1, 2, 3, 4, 5, 6, 7, 8)); // before it is listened to
      EndpointState endpoint =
          new EndpointState(
              0, 1, Endpoint.of(new EndpointId("ns", "p"), "127.0.0.1", 8000, Map.of()));
      producer.added(endpoint);
      await().atMost(LONG).until(() -> matched(producer, endpoint) == 2);
      await()
          .atMost(LONG)
          .until(
              () -> {
                server.publish(1, stored(4, 9, 10, 11, 12));
                return matched(producer, endpoint) == 3;
              });
      assertThat(producer.streams().getFirst().completeness()).isEqualTo(Completeness.COMPLETE);
      CountDownLatch isReleased = new CountDownLatch(1);
      producer.removed(endpoint, isReleased::countDown);
      isReleased.await();
      assertThat(matched(producer, endpoint)).isZero();
      assertThat(producer.streams()).isEmpty();
    }
  }

  /** The publisher no longer has what would make the newcomer's index whole. */
  @Test
  void goesOnFromWhatAnotherReplicaKnows() throws Exception {
    EndpointState endpoint =
        new EndpointState(
            0, 1, Endpoint.of(new EndpointId("ns", "p"), "127.0.0.1", 8000, Map.of()));
    try (Publisher server = new Publisher();
        PrecisePrefixCacheProducer old = producer(server);
        PrecisePrefixCacheProducer fresh = producer(server)) {
      server.publish(0, stored(0, 1, 2, 3, 4));
      old.added(endpoint);
      await().atMost(LONG).until(() -> isComplete(old) && matched(old, endpoint) == 1);
      await()
          .atMost(LONG)
          .until(
              () -> {
                server.publish(1, stored(2, 5, 6, 7, 8));
                return matched(old, endpoint) == 2;
              });
      server.publish(2, stored(9, 20, 21)); // behind a block that is not known
      await().atMost(LONG).until(() -> old.streams().getFirst().last() == 2);
      server.forgetBelow(2);
      fresh.added(endpoint);
      await().atMost(LONG).until(() -> isIncomplete(fresh));
      assertThat(matched(fresh, endpoint)).isZero();

      List<byte[]> pieces = old.caches().pieces(endpoint).get();
      assertThat(pieces).isNotEmpty();
      server.publish(3, stored(4, 9, 10, 11, 12)); // behind the cursor
      pieces.forEach(piece -> fresh.caches().take(endpoint, piece));
      await().atMost(LONG).until(() -> isComplete(fresh) && matched(fresh, endpoint) == 3);
      await().atMost(LONG).until(fresh.caches()::isSettled);

      pieces.forEach(piece -> fresh.caches().take(endpoint, piece)); // again: nothing is lost by it
      fresh.caches().take(endpoint, new byte[] {1, 2, 3});
      await().atMost(LONG).until(fresh.caches()::isSettled);
      assertThat(matched(fresh, endpoint)).isEqualTo(3);
    }
  }

  private static boolean isComplete(PrecisePrefixCacheProducer producer) {
    return producer.streams().getFirst().completeness() == Completeness.COMPLETE;
  }

  private static boolean isIncomplete(PrecisePrefixCacheProducer producer) {
    return producer.streams().getFirst().completeness() == Completeness.INCOMPLETE;
  }

  private static PrecisePrefixCacheProducer producer(Publisher server) {
    PreciseParameters defaults = PreciseParameters.DEFAULT;
    var ports = new PodDiscovery("", "", port(server.address()), port(server.replayAddress()));
    return new PrecisePrefixCacheProducer(
        "precise",
        "precise",
        new PreciseParameters(
            new TokenProcessor(BLOCK, 0, "", ""),
            defaults.indexerConfig(),
            new KvEvents("", "kv@", 1, "vllm", true, ports),
            false,
            Duration.ZERO),
        1,
        new KvEventSubscriptions(System::nanoTime),
        PrefixObserver.NONE,
        System::nanoTime);
  }

  private static int port(String address) {
    return URI.create(address).getPort();
  }

  private static int matched(PrecisePrefixCacheProducer producer, EndpointState endpoint) {
    var request =
        new InferenceRequest(
            new ReceivedRequest(
                "id",
                RequestHeaders.NONE,
                new ReceivedBody(ApiKind.NONE, "m", false, false, -1, List.of(), "", 0),
                RoutingHints.NONE),
            "m",
            0,
            "");
    var cycle =
        new SchedulingCycle(
            request, Candidates.of(1, List.of(endpoint.current())), new Facts(), new Random(1), 0);
    cycle.facts().put(TokenizedPrompt.KEY, new Prompt(12));
    producer.produce(cycle);
    return Objects.requireNonNull(cycle.facts().get(PrefixMatches.key("precise"))).matchedBlocks(0);
  }

  /** A batch with one BlockStored: blocks of two tokens, counted by the hash behind the parent. */
  private static byte[] stored(int parent, int... tokens) {
    var out = new ByteArrayOutputStream();
    out.write(0x93);
    out.write(0xca); // the time
    out.writeBytes(new byte[4]);
    out.write(0x91);
    out.write(0x95);
    byte[] tag = "BlockStored".getBytes(StandardCharsets.US_ASCII);
    out.write(0xa0 | tag.length);
    out.writeBytes(tag);
    int blocks = tokens.length / MODEL_SERVERS_BLOCK;
    out.write(0x90 | blocks);
    for (int i = 1; i <= blocks; i++) {
      out.write(parent + i);
    }
    out.write(parent == 0 ? 0xc0 : parent);
    out.write(0x90 | tokens.length);
    for (int token : tokens) {
      out.write(token);
    }
    out.write(MODEL_SERVERS_BLOCK);
    out.write(0);
    return out.toByteArray();
  }

  /** Tokens 1, 2, 3 … */
  private record Prompt(int count) implements TokenizedPrompt {

    @Override
    public int prompts() {
      return 1;
    }

    @Override
    public int tokens(int prompt) {
      return count;
    }

    @Override
    public void writeTokens(int prompt, ByteSink sink) {
      for (int i = 1; i <= count; i++) {
        sink.write(new byte[] {(byte) i, 0, 0, 0}, 0, 4);
      }
    }

    @Override
    public String cacheSalt() {
      return "";
    }

    @Override
    public List<Feature> features(int prompt) {
      return List.of();
    }
  }
}
