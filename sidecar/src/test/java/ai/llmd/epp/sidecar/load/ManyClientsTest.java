package ai.llmd.epp.sidecar.load;

import static ai.llmd.epp.sidecar.RawEngine.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.connector.Engines;
import ai.llmd.epp.sidecar.server.SidecarServer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many clients at once: none is cut by a stop, and none that is slow or gone holds memory. */
class ManyClientsTest {

  private static final String STREAM =
      String.join(
          "\r\n",
          "HTTP/1.1 200 OK",
          "Content-Type: text/event-stream",
          "Transfer-Encoding: chunked",
          "",
          "8",
          "data: a\n",
          "");
  private static final String REST = "8\r\ndata: b\n\r\n0\r\n\r\n";
  private static final String ASK = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final int MEGABYTE = 1 << 20;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final List<Socket> clients = new ArrayList<>();
  private final List<AutoCloseable> servers = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    closeClients();
    for (AutoCloseable server : servers.reversed()) {
      server.close();
    }
  }

  private void closeClients() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    clients.clear();
  }

  private RawEngine engine(RawEngine.Script script) {
    RawEngine engine = new RawEngine(script);
    servers.add(engine);
    return engine;
  }

  private SidecarServer sidecar(String... flags) {
    SidecarServer sidecar = RunningSidecar.with(flags);
    servers.add(sidecar);
    return sidecar;
  }

  private Socket client(SidecarServer sidecar, String request) throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(16 << 10);
    client.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst()),
        20_000);
    client.setSoTimeout(20_000);
    client.getOutputStream().write(request.getBytes(ISO_8859_1));
    clients.add(client);
    return client;
  }

  private static void waitFor(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Bytes outside of the heap that are held for buffers. */
  private static long held() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @Test
  void fiftyStreamsEndBeforeTheSidecarDoes() throws Exception {
    CountDownLatch isStopping = new CountDownLatch(1);
    RawEngine engine =
        engine(
            (connection, head) -> {
              send(connection, STREAM);
              waitFor(isStopping);
              send(connection, REST);
            });
    SidecarServer sidecar = sidecar("--model-server-port=" + engine.port());
    for (int i = 0; i < 50; i++) {
      RawEngine.head(client(sidecar, ASK).getInputStream());
    }
    Socket idle = client(sidecar, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    RawEngine.head(idle.getInputStream());
    await().atMost(LONGEST_WAIT).until(() -> sidecar.inFlight() == 50);

    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return sidecar.drain(LONGEST_WAIT);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(idle.getInputStream().read()).isNegative();
    assertThat(drained).isNotDone();
    isStopping.countDown();

    for (Socket client : clients.subList(0, 50)) {
      assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
          .isEqualTo("8\r\ndata: a\n\r\n" + REST);
    }
    assertThat(drained).succeedsWithin(LONGEST_WAIT).isEqualTo(true);
  }

  @Test
  void aThousandSlowClientsHoldLittleAndDisturbNoOther() throws Exception {
    AtomicLong written = new AtomicLong();
    RawEngine engine =
        engine(
            (connection, head) -> {
              if (head.startsWith("GET /quick")) {
                send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                return;
              }
              connection.setSendBufferSize(16 << 10);
              send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n");
              byte[] part = new byte[8 << 10];
              for (int i = 0; i < 8_000_000 / part.length; i++) {
                connection.getOutputStream().write(part);
                written.addAndGet(part.length);
              }
            });
    SidecarServer sidecar = sidecar("--model-server-port=" + engine.port());
    for (int i = 0; i < 1000; i++) {
      client(sidecar, ASK);
    }
    await().atMost(LONGEST_WAIT).until(() -> sidecar.inFlight() == 1000);
    AtomicLong before = new AtomicLong(Long.MIN_VALUE / 2);
    await()
        .atMost(LONGEST_WAIT)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> written.get() - before.getAndSet(written.get()) < MEGABYTE); // engines wait

    assertThat(held()).isLessThan(400L * MEGABYTE); // of 8 GB that are to be sent
    try (Socket quick = client(sidecar, "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertThat(RawEngine.head(quick.getInputStream())).startsWith("HTTP/1.1 200 ");
    }
    closeClients();
    await().atMost(LONGEST_WAIT).until(() -> sidecar.inFlight() == 0 && engine.open() == 0);
  }

  @Test
  void cancelStormsLeaveNothing() throws Exception {
    RawEngine decode =
        engine(
            (connection, head) -> {
              send(connection, STREAM);
              while (connection.getInputStream().read() >= 0) {
                // until the sidecar goes
              }
            });
    Engines engines = new Engines();
    servers.add(engines);
    int prefill = engines.add("prefill", 200, "{\"kv_transfer_params\":{}}");
    int slow =
        engines.add(
            "slow",
            (exchange, body) -> {
              waitFor(new CountDownLatch(1)); // until its connection is closed
            });
    SidecarServer sidecar = sidecar("--model-server-port=" + decode.port());
    long afterFirst = 0;
    for (int storm = 0; storm < 8; storm++) {
      for (int i = 0; i < 150; i++) {
        int server = i % 3 == 0 ? slow : prefill;
        Socket client = client(sidecar, i % 2 == 0 ? chat(server) : ASK);
        client.setSoLinger(true, 0);
        if (ThreadLocalRandom.current().nextBoolean()) {
          client.close();
        }
      }
      closeClients();
      await().atMost(LONGEST_WAIT).until(() -> sidecar.inFlight() == 0 && decode.open() == 0);
      if (storm == 0) {
        afterFirst = held();
      }
    }
    assertThat(held()).isLessThan(afterFirst * 2 + 32L * MEGABYTE);
    Socket last = client(sidecar, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(RawEngine.head(last.getInputStream())).startsWith("HTTP/1.1 200 ");
  }

  private static String chat(int prefill) {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nx-prefiller-host-port: 127.0.0.1:"
        + prefill
        + "\r\nContent-Length: "
        + Chats.CHAT.length()
        + "\r\n\r\n"
        + Chats.CHAT;
  }
}
