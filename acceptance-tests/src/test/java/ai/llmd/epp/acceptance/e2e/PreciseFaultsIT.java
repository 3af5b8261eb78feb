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
import ai.llmd.epp.zmtp.ZmtpPublisher;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What precise routing rests on breaks under load: no request fails, and it is said what broke. */
class PreciseFaultsIT {

  private static final int SERVERS = 3;
  private static final int CLIENTS = 4;
  private static final int ASKED_AGAIN = 4; // each prompt
  private static final int NUMBERS = 3_000;
  private static final int TO_BE_NAMED = 200;
  private static final String RECEIVED = "llm_d_epp_kv_cache_events_messages_received_total";
  private static final String QUEUED = "llm_d_epp_kv_cache_events_pool_queue_depth";
  private static final String ADMISSIONS = "llm_d_epp_kv_cache_index_admissions_total";
  private static final String CAUSE = "llm_d_epp_kv_cache_truth_cause";

  @Test
  void failsNoRequestWhateverBecomesOfEvents(@TempDir Path model) throws Exception {
    SimulatorTokenizer.write(model, NUMBERS);
    try (Stack stack = Stack.empty("spoilt-events", false)) {
      int published = stack.freePort();
      int received = stack.freePort();
      SimulatorProcess servers = stack.startSimulator(SERVERS, "1ms", publishing(published));
      EppProcess epp =
          stack.startEpp(
              PreciseConfiguration.connectedTo(PreciseConfiguration.local(model), received),
              List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      try (SpoiltEvents events = new SpoiltEvents(published, received);
          Load load = Load.on(gateway, CLIENTS, PreciseFaultsIT::prompt)) {
        awaitMore(epp, ADMISSIONS, 100);
        for (SpoiltEvents.Fault fault : SpoiltEvents.Fault.values()) {
          long before = events.spoilt();
          events.spoil(fault);
          load.awaitMore(100);
          if (fault != SpoiltEvents.Fault.NONE) {
            await().alias(fault.name()).until(() -> events.spoilt() > before);
          }
        }
        await().until(() -> epp.metric("llm_d_epp_kv_cache_events_gaps_total") > 0);
        await().until(() -> epp.metric("llm_d_epp_kv_cache_events_late_messages_total") > 0);
        events.spoil(SpoiltEvents.Fault.NONE);
        sendGarbage(received);
        flood(epp, received, servers.ports().getFirst(), load);
        await().until(() -> epp.metric(QUEUED) == 0);
        awaitMore(epp, ADMISSIONS, 100);
        load.awaitMore(50);
        assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
      }
    }
  }

  /** The renderer is asked by the picker alone; model servers do without it. */
  @Test
  void failsNoRequestWhateverTheRendererDoes() throws Exception {
    try (Stack stack = Stack.empty("spoilt-renderer", false)) {
      int events = stack.freePort();
      SimulatorProcess servers = stack.startSimulator(SERVERS, "1ms", publishing(events));
      try (SpoiltRenderer renderer =
          new SpoiltRenderer(stack.freePort(), servers.ports().getFirst(), Duration.ofSeconds(1))) {
        EppProcess epp =
            stack.startEpp(
                PreciseConfiguration.connectedTo(
                    PreciseConfiguration.rendered(renderer.port()), events),
                List.of());
        Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
        try (Load load = Load.on(gateway, CLIENTS, PreciseFaultsIT::prompt)) {
          awaitMore(epp, ADMISSIONS, 100);
          for (SpoiltRenderer.Fault fault :
              List.of(
                  SpoiltRenderer.Fault.FROZEN,
                  SpoiltRenderer.Fault.DEAD,
                  SpoiltRenderer.Fault.SLOW)) {
            long before = epp.metric("llm_d_epp_degraded_steps_total");
            renderer.spoil(fault);
            load.awaitMore(50);
            assertThat(epp.metric("llm_d_epp_degraded_steps_total")).isGreaterThan(before);
            renderer.spoil(SpoiltRenderer.Fault.NONE);
            await().until(() -> epp.metric("llm_d_epp_breaker_open") == 0);
          }
          renderer.spoil(SpoiltRenderer.Fault.WRONG);
          await().until(() -> epp.metric(CAUSE, "cause=\"template\"") > 0);
          renderer.spoil(SpoiltRenderer.Fault.NONE);
          load.awaitMore(50);
          assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
        }
      }
    }
  }

  /** What does not fit the servers is named, and prompts go where they went before all the same. */
  @ParameterizedTest
  @CsvSource({"block_size, 24, ''", "template, 16, 'Another beginning. '"})
  void namesWhatDoesNotFit(String cause, int blockTokens, String beginning, @TempDir Path model)
      throws Exception {
    SimulatorTokenizer.write(model, NUMBERS);
    Path template = model.resolve("other.jinja");
    Files.writeString(template, beginning + Files.readString(model.resolve("chat_template.jinja")));
    try (Stack stack = Stack.empty("wrong-" + cause, false)) {
      int events = stack.freePort();
      List<String> flags =
          List.of("--zmq-endpoint=tcp://127.0.0.1:" + events, "--block-size=" + blockTokens);
      stack.startSimulator(SERVERS, "1ms", flags);
      EppProcess epp =
          stack.startEpp(
              PreciseConfiguration.connectedTo(
                  PreciseConfiguration.local(model, template.toString()), events),
              List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<Reply> replies;
      try (Load load = Load.on(gateway, 1, PreciseFaultsIT::prompt)) {
        load.awaitMore(TO_BE_NAMED);
        await().until(() -> epp.metric(CAUSE, "cause=\"" + cause + '"') == SERVERS);
        long named = load.sent();
        load.awaitMore(TO_BE_NAMED);
        replies = load.repliesFrom(named);
        assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
      }
      assertThat(epp.metric("llm_d_epp_kv_cache_match_basis", "basis=\"routed\""))
          .isEqualTo(SERVERS);
      double most = (ASKED_AGAIN - 1.0) / ASKED_AGAIN; // the first time nothing can be cached
      assertThat(Reply.cachedShare(replies)).isGreaterThan(0.9 * most);
    }
  }

  private static Prompt prompt(long number) {
    return Prompt.about("topic number " + number / ASKED_AGAIN % NUMBERS, "Then.");
  }

  private static List<String> publishing(int port) {
    return List.of("--zmq-endpoint=tcp://127.0.0.1:" + port, "--event-batch-size=4");
  }

  /** No ZeroMQ at all, and messages of ZeroMQ that are no events. */
  private static void sendGarbage(int port) throws IOException {
    Random random = new Random(2);
    byte[] garbage = new byte[100_000];
    random.nextBytes(garbage);
    for (int i = 0; i < 5; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        OutputStream out = socket.getOutputStream();
        out.write(garbage);
        out.flush();
      } catch (IOException hungUp) {
        // as it should
      }
    }
    try (ZmtpPublisher publisher = ZmtpPublisher.connecting(SpoiltEvents.address(port))) {
      await().until(() -> publisher.subscribers() > 0);
      for (int i = 0; i < 50; i++) {
        publisher.publish("kv@nobody@m".getBytes(StandardCharsets.US_ASCII), garbage, garbage);
        publisher.publish("kv@".getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  /** One publisher, by the name of a server, sends as fast as it can. */
  private static void flood(EppProcess epp, int port, int server, Load load) {
    byte[] topic = "kv@127.0.0.1:%d@other".formatted(server).getBytes(StandardCharsets.US_ASCII);
    try (ZmtpPublisher publisher = ZmtpPublisher.connecting(SpoiltEvents.address(port))) {
      await().until(() -> publisher.subscribers() > 0);
      long before = epp.metric(RECEIVED);
      Thread flood =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    for (long i = 0; !Thread.currentThread().isInterrupted(); i++) {
                      publisher.publish(topic, bytes(i), stored(i));
                    }
                  });
      try {
        load.awaitMore(100);
        await().until(() -> epp.metric(RECEIVED) > before + 10_000);
      } finally {
        flood.interrupt();
      }
    }
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  /** One block of 16 tokens, under another hash each time. */
  private static byte[] stored(long hash) {
    ByteBuffer batch = ByteBuffer.allocate(128);
    batch.put(new byte[] {(byte) 0x93, 0, (byte) 0x91, (byte) 0x95, (byte) 0xab});
    batch.put("BlockStored".getBytes(StandardCharsets.US_ASCII));
    batch.put((byte) 0x91).put((byte) 0xcf).putLong(hash);
    batch.put((byte) 0xc0).put((byte) 0xdc).putShort((short) 16);
    for (int i = 0; i < 16; i++) {
      batch.put((byte) 0xce).putInt((int) hash);
    }
    batch.put((byte) 16).put((byte) 0);
    byte[] bytes = new byte[batch.position()];
    batch.flip().get(bytes);
    return bytes;
  }

  private static void awaitMore(EppProcess epp, String metric, long more) {
    long before = epp.metric(metric);
    await().until(() -> epp.metric(metric) >= before + more);
  }
}
