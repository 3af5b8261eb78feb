package ai.llmd.epp.sidecar.edge;

import static ai.llmd.epp.sidecar.RawEngine.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak HTTP/2 get what others do, each request by a stream of its own. */
class Http2StreamsTest {

  private static final String STREAM =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final Duration SOON = Duration.ofSeconds(10);

  private RawEngine engine = new RawEngine((connection, head) -> {});
  private SidecarServer sidecar = RunningSidecar.with("--model-server-port=1");

  @AfterEach
  void stop() {
    sidecar.close();
    engine.close();
  }

  private StreamsClient start(RawEngine.Script script) {
    stop();
    engine = new RawEngine(script);
    sidecar = RunningSidecar.with("--model-server-port=" + engine.port());
    return new StreamsClient(sidecar.ports().getFirst());
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aRequestArrivesAsOneOfHttp1() {
    CompletableFuture<String> seen = new CompletableFuture<>();
    try (StreamsClient client =
        start(
            (connection, head) -> {
              seen.complete(
                  head + new String(connection.getInputStream().readNBytes(11), ISO_8859_1));
              send(connection, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok");
            })) {
      StreamsClient.Stream stream =
          client.begin("POST", "/v1/embeddings?a=b", false, "content-length", "11", "x-c", "d");
      stream.send("{\"model\"", false);
      stream.send(":0}", true);

      assertThat(stream.status).succeedsWithin(SOON).isEqualTo("201");
      assertThat(stream.body).succeedsWithin(SOON).isEqualTo("ok");
    }
    assertThat(seen.join())
        .startsWith("POST /v1/embeddings?a=b HTTP/1.1\r\n")
        .containsIgnoringCase("host: a\r\n")
        .contains("x-c: d\r\n")
        .endsWith("\r\n\r\n{\"model\":0}")
        .doesNotContain("x-http2");
  }

  @Test
  void streamsDoNotWaitForEachOther() {
    CountDownLatch isFree = new CountDownLatch(1);
    try (StreamsClient client =
        start(
            (connection, head) -> {
              send(connection, STREAM + "8\r\ndata: a\n\r\n");
              if (head.startsWith("GET /slow")) {
                await(isFree);
              }
              send(connection, "8\r\ndata: b\n\r\n0\r\n\r\n");
            })) {
      StreamsClient.Stream slow = client.begin("GET", "/slow", true);
      await("first event").until(() -> slow.text().equals("data: a\n"));
      StreamsClient.Stream quick = client.begin("GET", "/quick", true);

      assertThat(quick.body).succeedsWithin(SOON).isEqualTo("data: a\ndata: b\n");
      assertThat(slow.body).isNotDone();
      isFree.countDown();
      assertThat(slow.body).succeedsWithin(SOON).isEqualTo("data: a\ndata: b\n");
    }
  }

  private static org.awaitility.core.ConditionFactory await(String what) {
    return org.awaitility.Awaitility.await(what).pollInterval(Duration.ofMillis(5));
  }

  @Test
  void aStreamThatIsCancelledEndsItsLegAlone() {
    AtomicLong gone = new AtomicLong();
    try (StreamsClient client =
        start(
            (connection, head) -> {
              send(connection, STREAM + "8\r\ndata: a\n\r\n");
              if (connection.getInputStream().read() < 0) {
                gone.incrementAndGet();
              }
            })) {
      List<StreamsClient.Stream> streams = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        streams.add(client.begin("GET", "/" + i, true));
      }
      await("events").until(() -> streams.stream().allMatch(one -> !one.text().isEmpty()));
      streams.subList(0, 19).forEach(StreamsClient.Stream::cancel);

      await("cancelled legs").until(() -> gone.get() == 19);
      await("requests").until(() -> sidecar.inFlight() == 1);
      assertThat(streams.getLast().body).isNotDone();
    }
    await("requests").until(() -> sidecar.inFlight() == 0);
  }

  @Test
  void anAnswerThatBreaksOffResetsItsStreamAlone() {
    try (StreamsClient client =
        start((connection, head) -> send(connection, STREAM + "8\r\ndata: a\n\r\n"))) {
      StreamsClient.Stream stream = client.begin("GET", "/", true);

      assertThat(stream.body)
          .failsWithin(SOON)
          .withThrowableOfType(java.util.concurrent.ExecutionException.class)
          .withMessageContaining("reset");
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void aLongBodyArrives() {
    try (StreamsClient client =
        start(
            (connection, head) -> {
              connection.getInputStream().readNBytes(1 << 20);
              send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            })) {
      StreamsClient.Stream stream =
          client.begin("POST", "/", false, "content-length", Integer.toString(1 << 20));
      stream.send("x".repeat(1 << 20), true);

      assertThat(stream.body).succeedsWithin(SOON).isEqualTo("ok");
    }
  }

  @Test
  void aBodyOfAnotherLengthThanToldIsRefused() {
    try (StreamsClient client =
        start((connection, head) -> connection.getInputStream().readAllBytes())) {
      StreamsClient.Stream stream = client.begin("POST", "/", false, "content-length", "12");
      stream.send("x", true);

      await("refusal").until(() -> stream.body.isCompletedExceptionally());
    }
  }

  @Test
  void aSlowClientStopsTheEngine() {
    AtomicLong written = new AtomicLong();
    try (StreamsClient client =
        start(
            (connection, head) -> {
              send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
              byte[] part = new byte[64 << 10];
              while (written.get() < 200_000_000) {
                connection.getOutputStream().write(part);
                written.addAndGet(part.length);
              }
            })) {
      StreamsClient.Stream stream = client.begin("GET", "/", true);
      stream.pause();
      await("first bytes").until(() -> written.get() > 0);
      org.awaitility.Awaitility.await()
          .during(Duration.ofMillis(500))
          .atMost(SOON)
          .until(() -> written.get() < 60L << 20);
    }
    await("requests").until(() -> sidecar.inFlight() == 0);
  }

  @Test
  void whatIsUnderWayEndsBeforeTheSidecarDoes() {
    CountDownLatch isStopping = new CountDownLatch(1);
    try (StreamsClient client =
        start(
            (connection, head) -> {
              send(connection, STREAM + "8\r\ndata: a\n\r\n");
              await(isStopping);
              send(connection, "8\r\ndata: b\n\r\n0\r\n\r\n");
            })) {
      StreamsClient.Stream stream = client.begin("GET", "/", true);
      await("first event").until(() -> stream.text().equals("data: a\n"));
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return sidecar.drain(SOON);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      isStopping.countDown();

      assertThat(stream.body).succeedsWithin(SOON).isEqualTo("data: a\ndata: b\n");
      assertThat(drained).succeedsWithin(SOON).isEqualTo(true);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a HTTP/1.1\r\nX-Evil: b\r\n\r\n", "/a b", "", "/a\nb"})
  void aPathThatIsNoneIsRefused(String path) {
    AtomicLong asked = new AtomicLong();
    try (StreamsClient client = start((connection, head) -> asked.incrementAndGet())) {
      StreamsClient.Stream stream = client.begin("GET", path, true);

      await("refusal").until(() -> stream.status.isDone());
      assertThat(stream.status.isCompletedExceptionally() || stream.status.join().equals("400"))
          .isTrue();
    }
    assertThat(asked).hasValue(0);
  }

  @Test
  void anUpgradeIsNotHandedOn() {
    CompletableFuture<String> seen = new CompletableFuture<>();
    try (StreamsClient client =
        start(
            (connection, head) -> {
              seen.complete(head);
              send(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
            })) {
      StreamsClient.Stream stream = client.begin("GET", "/", true, "upgrade", "websocket");

      await("refusal").until(() -> stream.status.isDone());
      assertThat(stream.status.isCompletedExceptionally() || stream.status.join().equals("502"))
          .isTrue();
    }
    assertThat(seen.getNow("")).doesNotContainIgnoringCase("upgrade:");
  }
}
