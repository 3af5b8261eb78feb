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
import ai.llmd.epp.application.port.out.kvcache.KvFeedFigures;
import ai.llmd.epp.zmtp.ZmtpPublisher;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What precise routing rests on breaks under load: no request fails, and it is said what broke. */
class PreciseFaultsIT {

  private static final int SERVERS = 3;
  private static final int CLIENTS = 4;
  private static final int ASKED_AGAIN = 4; // each prompt
  private static final int NUMBERS = 3_000;
  private static final String RECEIVED = "llm_d_epp_kv_cache_events_messages_received_total";
  private static final String QUEUED = "llm_d_epp_kv_cache_events_pool_queue_depth";
  private static final String ADMISSIONS = "llm_d_epp_kv_cache_index_admissions_total";
  private static final String SKIPPED = "llm_d_epp_kv_cache_events_stores_skipped_total";
  private static final long FAR = 1_000_000_000; // beyond the numbers of any other message
  private static final String GAPS = "llm_d_epp_kv_cache_events_gaps_total";
  private static final String LATE = "llm_d_epp_kv_cache_events_late_messages_total";
  private static final String STRAY = "pod_identifier=\"" + KvFeedFigures.BOUND + '"';
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
        spoil(events, SpoiltEvents.Fault.LOST, epp, GAPS, load);
        spoil(events, SpoiltEvents.Fault.TWICE, epp, LATE, load);
        spoil(events, SpoiltEvents.Fault.SWAPPED, epp, RECEIVED, load); // and put in order
        events.spoil(SpoiltEvents.Fault.NONE);
        sendGarbage(epp, received);
        flood(epp, received, servers.ports().getFirst(), load);
        fill(epp, received, servers.ports().getFirst(), load);
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

  private static Prompt prompt(long number) {
    return Prompt.about("topic number " + number / ASKED_AGAIN % NUMBERS, "Then.");
  }

  private static List<String> publishing(int port) {
    return List.of("--zmq-endpoint=tcp://127.0.0.1:" + port, "--event-batch-size=4");
  }

  /** Returns when the fault has come to messages, and to the picker. */
  private static void spoil(
      SpoiltEvents events, SpoiltEvents.Fault fault, EppProcess epp, String noticed, Load load) {
    long spoilt = events.spoilt();
    long before = epp.metric(noticed);
    events.spoil(fault);
    load.awaitMore(100);
    await().alias(fault.name()).until(() -> events.spoilt() > spoilt);
    await().alias(fault.name()).until(() -> epp.metric(noticed) > before);
  }

  /** No ZeroMQ at all, and messages of ZeroMQ that are no events; the picker has taken both. */
  private static void sendGarbage(EppProcess epp, int port) throws IOException {
    Random random = new Random(2);
    byte[] garbage = new byte[100_000];
    random.nextBytes(garbage);
    for (int i = 0; i < 5; i++) {
      awaitHangUp(port, garbage);
    }
    byte[] nobody = "kv@nobody@m".getBytes(StandardCharsets.US_ASCII);
    byte[] nothing = "kv@".getBytes(StandardCharsets.US_ASCII);
    long before = epp.metric(RECEIVED, STRAY);
    try (ZmtpPublisher publisher = ZmtpPublisher.connecting(SpoiltEvents.address(port))) {
      await() // what is published before the picker has subscribed goes nowhere
          .until(
              () -> {
                publisher.publish(nobody, garbage, garbage);
                publisher.publish(nothing);
                return epp.metric(RECEIVED, STRAY) >= before + 50;
              });
    }
  }

  /** Sends bytes, and waits for the picker to end the connection. */
  private static void awaitHangUp(int port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(bytes);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (SocketTimeoutException stillOpen) {
      throw new AssertionError("the picker keeps the connection", stillOpen);
    } catch (IOException hungUp) {
      // as it should, also before it has read all
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

  /** A message of a megabyte that would take 16 GiB, were all of it written down. */
  private static void fill(EppProcess epp, int port, int server, Load load) {
    byte[] topic = "kv@127.0.0.1:%d@other".formatted(server).getBytes(StandardCharsets.US_ASCII);
    long before = epp.metric(SKIPPED);
    try (ZmtpPublisher publisher = ZmtpPublisher.connecting(SpoiltEvents.address(port))) {
      AtomicLong number = new AtomicLong(FAR);
      await()
          .until(
              () -> {
                publisher.publish(topic, bytes(number.incrementAndGet()), oneTextForManyBlocks());
                return epp.metric(SKIPPED) > before;
              });
      load.awaitMore(100);
    }
  }

  private static byte[] oneTextForManyBlocks() {
    int half = 1 << 19;
    ByteBuffer batch = ByteBuffer.allocate(2 * half + 128);
    batch.put(new byte[] {(byte) 0x93, 0, (byte) 0x91, (byte) 0x99, (byte) 0xab});
    batch.put("BlockStored".getBytes(StandardCharsets.US_ASCII));
    batch.put((byte) 0x91).put((byte) 1).put((byte) 0xc0);
    batch.put((byte) 0xdd).putInt(half).position(batch.position() + half); // tokens, all 0
    batch.put((byte) 16).put(new byte[] {(byte) 0xc0, (byte) 0xc0, (byte) 0xc0});
    batch.put((byte) 0x91).put((byte) 0x91); // a list for all blocks, with one text
    batch.put((byte) 0xdb).putInt(half).position(batch.position() + half);
    batch.put((byte) 0);
    byte[] bytes = new byte[batch.position()];
    batch.flip().get(bytes);
    return bytes;
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
