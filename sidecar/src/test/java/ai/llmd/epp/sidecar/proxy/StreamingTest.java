package ai.llmd.epp.sidecar.proxy;

import static ai.llmd.epp.sidecar.RawEngine.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers and requests pass while they come, and stop when either side does. */
class StreamingTest {

  private static final String STREAM =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String ASK = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final int MEGABYTE = 1 << 20;

  private RawEngine engine = new RawEngine((connection, head) -> {});
  private SidecarServer sidecar = RunningSidecar.with("--model-server-port=1");

  @AfterEach
  void stop() {
    sidecar.close();
    engine.close();
  }

  private void start(RawEngine.Script script) {
    stop();
    engine = new RawEngine(script);
    sidecar = RunningSidecar.with("--model-server-port=" + engine.port());
  }

  private Socket client() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst());
    client.setSoTimeout(10_000);
    return client;
  }

  private static String read(InputStream in, int bytes) throws IOException {
    return new String(in.readNBytes(bytes), ISO_8859_1);
  }

  @Test
  void anEventIsThereBeforeTheNextIsMade() throws Exception {
    CountDownLatch isRead = new CountDownLatch(1);
    start(
        (connection, head) -> {
          send(connection, STREAM + "8\r\ndata: a\n\r\n");
          try {
            isRead.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          send(connection, "8\r\ndata: b\n\r\n0\r\n\r\n");
        });
    try (Socket client = client()) {
      send(client, ASK);
      assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 200 OK");
      assertThat(read(client.getInputStream(), 13)).isEqualTo("8\r\ndata: a\n\r\n");
      isRead.countDown();
      assertThat(read(client.getInputStream(), 18)).isEqualTo("8\r\ndata: b\n\r\n0\r\n\r\n");
    }
  }

  @Test
  void aSlowClientStopsTheEngine() throws Exception {
    AtomicLong written = new AtomicLong();
    start(
        (connection, head) -> {
          send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
          byte[] part = new byte[64 << 10];
          while (written.get() < 200_000_000) {
            connection.getOutputStream().write(part);
            written.addAndGet(part.length);
          }
        });
    try (Socket client = client()) {
      send(client, ASK);
      await().pollInterval(Duration.ofMillis(20)).until(() -> written.get() > 0);
      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(10))
          .until(() -> written.get() < 60L * MEGABYTE);
      client.getInputStream().skipNBytes(100L * MEGABYTE); // and goes on when it reads
    }
  }

  @Test
  void aClientThatLeavesEndsTheLeg() throws Exception {
    CompletableFuture<Boolean> isEnded = new CompletableFuture<>();
    start(
        (connection, head) -> {
          send(connection, STREAM + "8\r\ndata: a\n\r\n");
          isEnded.complete(connection.getInputStream().read() < 0);
        });
    try (Socket client = client()) {
      send(client, ASK);
      RawEngine.head(client.getInputStream());
    }
    assertThat(isEnded).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
    await().until(() -> sidecar.inFlight() == 0);
  }

  @Test
  void anAnswerThatBreaksOffDoesNotLookWhole() throws Exception {
    start((connection, head) -> send(connection, STREAM + "8\r\ndata: a\n\r\n"));
    try (Socket client = client()) {
      send(client, ASK);
      String all = new String(client.getInputStream().readAllBytes(), ISO_8859_1);

      assertThat(all).contains("data: a").doesNotContain("0\r\n\r\n");
    }
  }

  @Test
  void aConnectionServesOneRequestAfterTheOther() throws Exception {
    start(
        (connection, head) -> {
          String next = head;
          while (!next.isEmpty()) {
            send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            next = RawEngine.head(connection.getInputStream());
          }
        });
    try (Socket client = client()) {
      send(client, ASK + ASK); // the second one early
      for (int i = 0; i < 2; i++) {
        assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 200 OK");
        assertThat(read(client.getInputStream(), 2)).isEqualTo("ok");
      }
      send(client, ASK);
      assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void aKeptConnectionThatTheEngineClosesIsNoError() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    AtomicLong connections = new AtomicLong();
    start(
        (connection, head) -> {
          boolean isFirst = connections.getAndIncrement() == 0;
          bodies.add(read(connection.getInputStream(), 11));
          send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          if (isFirst) {
            RawEngine.head(connection.getInputStream());
            read(connection.getInputStream(), 11); // and closes as if it had not been asked
          }
        });
    try (Socket client = client()) {
      for (int i = 0; i < 2; i++) {
        send(client, "PUT /v1/embeddings HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello ");
        send(client, "world");
        assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 200 OK");
        assertThat(read(client.getInputStream(), 2)).isEqualTo("ok");
      }
    }
    assertThat(connections).hasValue(2);
    assertThat(bodies).containsExactly("hello world", "hello world");
  }

  @Test
  void aLongBodyIsNotSentTwice() throws Exception {
    AtomicLong connections = new AtomicLong();
    int length = MEGABYTE;
    start(
        (connection, head) -> {
          connections.incrementAndGet();
          read(connection.getInputStream(), length);
          send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          RawEngine.head(connection.getInputStream());
          read(connection.getInputStream(), length);
        });
    try (Socket client = client()) {
      for (int i = 0; i < 2; i++) {
        send(client, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
        send(client, "x".repeat(length));
        assertThat(RawEngine.head(client.getInputStream()))
            .startsWith(i == 0 ? "HTTP/1.1 200 OK" : "HTTP/1.1 502 ");
        read(client.getInputStream(), i == 0 ? 2 : 0);
      }
    }
    assertThat(connections).hasValue(1);
  }

  @Test
  void webSocketsPass() throws Exception {
    start(
        (connection, head) -> {
          assertThat(head.toLowerCase(java.util.Locale.ROOT)).contains("upgrade: websocket");
          send(
              connection,
              String.join(
                  "\r\n",
                  "HTTP/1.1 101 Switching Protocols",
                  "Connection: Upgrade",
                  "Upgrade: websocket",
                  "Sec-WebSocket-Accept: x",
                  "",
                  ""));
          send(connection, read(connection.getInputStream(), 4) + "!");
        });
    try (Socket client = client()) {
      send(
          client,
          "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 101 ");
      send(client, "ping");
      assertThat(read(client.getInputStream(), 5)).isEqualTo("ping!");
    }
  }

  @Test
  void whatIsUnderWayEndsBeforeTheSidecarDoes() throws Exception {
    CountDownLatch isStopping = new CountDownLatch(1);
    start(
        (connection, head) -> {
          send(connection, STREAM + "8\r\ndata: a\n\r\n");
          try {
            isStopping.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          send(connection, "8\r\ndata: b\n\r\n0\r\n\r\n");
        });
    try (Socket client = client()) {
      send(client, ASK);
      RawEngine.head(client.getInputStream());
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return sidecar.drain(Duration.ofSeconds(10));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      isStopping.countDown();
      assertThat(read(client.getInputStream(), 31)).endsWith("data: b\n\r\n0\r\n\r\n");
      assertThat(drained).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
    }
  }
}
