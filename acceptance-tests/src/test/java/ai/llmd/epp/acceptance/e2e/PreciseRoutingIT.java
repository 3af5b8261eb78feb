package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model servers publish what their prefix caches hold, and render prompts. */
class PreciseRoutingIT {

  private static final int TOPICS = 12;
  private static final int SERVERS = 3;
  private static final int CLIENTS = 4;
  private static final int TOPIC_BLOCKS = 40; // there are more, of 16 tokens
  private static final String ADMISSIONS = "llm_d_epp_kv_cache_index_admissions_total";

  /** What others sent to the same servers, past the picker, only those servers can report. */
  @Test
  void findsWhatOtherClientsLeftWhereAnApproximateIndexCannot() throws Exception {
    double approximate;
    try (Stack stack = Stack.empty("approximate-routing", false)) {
      SimulatorProcess servers = stack.startSimulator(SERVERS, "1ms");
      stack.startEpp(PreciseConfiguration.approximate(), List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<Prompt> topics = IntStream.range(0, TOPICS).mapToObj(i -> topic(i, 0)).toList();
      for (int i = 0; i < TOPICS; i++) {
        Client.of(servers.ports().get(i % SERVERS)).chat(topics.get(i));
      }
      approximate = cachedShare(gateway, topics);
    }
    try (Stack stack = Stack.empty("precise-routing", false)) {
      int events = stack.freePort();
      SimulatorProcess servers = stack.startSimulator(SERVERS, "1ms", publishing(events, 0));
      EppProcess epp =
          stack.startEpp(
              PreciseConfiguration.connectedTo(
                  PreciseConfiguration.rendered(servers.ports().getFirst(), "30s"), events),
              List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      double precise = cachedShare(gateway, published(servers, epp));
      assertThat(precise).isGreaterThan(0.97);
      assertThat(approximate).isLessThan(0.8);
    }
  }

  /** Nothing is asked for tokens: they are found by files that describe the servers' tokenizer. */
  @Test
  void findsTokensByTheModelsOwnFiles(@TempDir Path model) throws Exception {
    SimulatorTokenizer.write(model, TOPICS + 60);
    try (Stack stack = Stack.empty("local-tokens", false)) {
      int events = stack.freePort();
      SimulatorProcess servers = stack.startSimulator(SERVERS, "1ms", publishing(events, 0));
      EppProcess epp =
          stack.startEpp(
              PreciseConfiguration.connectedTo(PreciseConfiguration.local(model), events),
              List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      assertThat(cachedShare(gateway, published(servers, epp))).isGreaterThan(0.97);
    }
  }

  @Test
  void failsNoRequestWhenEventsGetLostAndTheRendererHangs() throws Exception {
    try (Stack stack = Stack.empty("precise-faults", false)) {
      int events = stack.freePort();
      SimulatorProcess servers = stack.startSimulator(SERVERS, "1ms", publishing(events, 10));
      SimulatorProcess renderer = stack.startSimulator(1, "1ms");
      stack.endpoints().list(servers.ports());
      EppProcess epp =
          stack.startEpp(
              PreciseConfiguration.connectedTo(
                  PreciseConfiguration.rendered(renderer.ports().getFirst()), events),
              List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      try (Load load = Load.on(gateway, CLIENTS, number -> topic((int) number, 0))) {
        load.awaitMore(100);
        await().until(() -> epp.metric("llm_d_epp_kv_cache_events_gaps_total") > 0);
        renderer.hang();
        await().until(() -> epp.metric("llm_d_epp_breaker_open") > 0);
        long skipped = load.sent();
        load.awaitMore(100);
        renderer.resume();
        await().until(() -> epp.metric("llm_d_epp_breaker_open") == 0);
        load.awaitMore(50);
        assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
        assertThat(load.repliesFrom(skipped)).hasSizeGreaterThan(100);
      }
    }
  }

  private static List<String> publishing(int events, int lossPercent) {
    return List.of(
        "--zmq-endpoint=tcp://127.0.0.1:" + events,
        "--event-batch-size=4",
        "--kv-events-loss-percent=" + lossPercent);
  }

  /**
   * A topic for each of them in turn, of which the picker has received the events: what a server
   * publishes before it is connected is lost.
   */
  private static List<Prompt> published(SimulatorProcess servers, EppProcess epp) {
    List<Prompt> topics = new ArrayList<>();
    for (int i = 0; i < TOPICS; i++) {
      Client server = Client.of(servers.ports().get(i % SERVERS));
      Prompt topic = topic(i, 0);
      for (int attempt = 1; !isPublished(server, topic, epp); attempt++) {
        assertThat(attempt).isLessThan(60);
        topic = topic(i, attempt);
      }
      topics.add(topic);
    }
    return topics;
  }

  private static boolean isPublished(Client server, Prompt topic, EppProcess epp) {
    long before = epp.metric(ADMISSIONS);
    server.chat(topic);
    try {
      await()
          .atMost(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> epp.metric(ADMISSIONS) >= before + TOPIC_BLOCKS);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  private static Prompt topic(int number, int attempt) {
    return Prompt.about("topic number " + number + " in edition " + attempt, "Then.");
  }

  private static double cachedShare(Client gateway, List<Prompt> topics) {
    List<Reply> replies = topics.stream().map(topic -> gateway.chat(topic)).toList();
    assertThat(replies).extracting(Reply::status).containsOnly(200);
    return Reply.cachedShare(replies);
  }
}
