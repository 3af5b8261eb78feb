package ai.llmd.epp.sidecar.connector;

import static ai.llmd.epp.sidecar.RawEngine.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both servers are asked at once: what the client gets when one of them does not do its part. */
class ParallelMoriConnectorTest {

  private static final String EVENTS =
      String.join(
          "\r\n",
          "HTTP/1.1 200 OK",
          "Content-Type: text/event-stream",
          "Transfer-Encoding: chunked",
          "",
          "8",
          "data: a\n",
          "");

  private final Engines engines = new Engines();
  private final CountDownLatch decodeIsAsked = new CountDownLatch(1);
  private final CompletableFuture<Boolean> decodeIsGone = new CompletableFuture<>();

  /** Begins an answer, and tells when it is not wanted any more. */
  private final RawEngine decode =
      new RawEngine(
          (connection, head) -> {
            connection.getInputStream().readNBytes(length(head));
            send(connection, EVENTS);
            decodeIsAsked.countDown();
            decodeIsGone.complete(connection.getInputStream().read() < 0);
          });

  @AfterEach
  void stop() {
    engines.close();
    decode.close();
  }

  private static int length(String head) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, "content-length: ", 0, 16))
        .mapToInt(line -> Integer.parseInt(line.substring(16)))
        .findFirst()
        .orElse(0);
  }

  private static void waitFor(CountDownLatch latch) throws IOException {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static SidecarServer sidecar(int decodePort) {
    return RunningSidecar.with(
        "--model-server-port=" + decodePort,
        "--moriio-write-mode",
        "--moriio-parallel-dispatch",
        "--moriio-parallel-decode-wait-timeout=400ms",
        "--moriio-local-pod-ip=127.0.0.1");
  }

  private static HttpResponse<String> chat(SidecarServer sidecar, int prefill) throws Exception {
    return Chats.chat(sidecar.ports().getFirst(), "x-prefiller-host-port", "127.0.0.1:" + prefill);
  }

  @Test
  void anErrorOfThePrefillServerReplacesTheAnswer() throws Exception {
    int prefill =
        engines.add(
            "prefill",
            (exchange, body) -> {
              waitFor(decodeIsAsked);
              exchange.getResponseHeaders().set("X-Of", "prefill");
              Engines.send(exchange, 507, "{\"error\":\"full\"}");
            });
    try (SidecarServer sidecar = sidecar(decode.port())) {
      HttpResponse<String> answer = chat(sidecar, prefill);

      assertThat(answer.statusCode()).isEqualTo(507);
      assertThat(answer.body()).isEqualTo("{\"error\":\"full\"}");
      assertThat(answer.headers().firstValue("X-Of")).hasValue("prefill");
      assertThat(decodeIsGone).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(true);
      await().until(() -> sidecar.inFlight() == 0);
    }
  }

  @Test
  void aPrefillServerThatIsGoneIsAnErrorWithoutBody() throws Exception {
    int nobody = RunningSidecar.freePort();
    try (SidecarServer sidecar = sidecar(decode.port())) {
      HttpResponse<String> answer = chat(sidecar, nobody);

      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void aPrefillServerThatTakesTooLongCancelsBoth() throws Exception {
    CompletableFuture<Boolean> prefillIsGone = new CompletableFuture<>();
    try (RawEngine prefill =
            new RawEngine(
                (connection, head) -> {
                  connection.getInputStream().readNBytes(length(head));
                  prefillIsGone.complete(connection.getInputStream().read() < 0);
                });
        SidecarServer sidecar = sidecar(decode.port())) {
      HttpResponse<String> answer = chat(sidecar, prefill.port());

      assertThat(answer.statusCode()).isEqualTo(504);
      assertThat(answer.body())
          .isEqualTo(
              "{\"error\":\"decode aborted: prefill did not complete within the MoRI-IO"
                  + " parallel-dispatch KV-wait timeout\"}");
      assertThat(prefillIsGone).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(true);
      assertThat(decodeIsGone).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(true);
      await().until(() -> sidecar.inFlight() == 0);
    }
  }

  @Test
  void anErrorOfTheDecodeServerWaitsForThePrefillServerToo() throws Exception {
    int failing = engines.add("decode", 400, "{\"error\":\"too long\"}");
    int prefill = engines.add("prefill", (exchange, body) -> Engines.send(exchange, 200, "{}"));
    try (SidecarServer sidecar = sidecar(failing)) {
      HttpResponse<String> answer = chat(sidecar, prefill);

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).isEqualTo("{\"error\":\"too long\"}");
    }
  }

  @Test
  void theRequestIdIsReplacedAndBothServersGetTheSame() throws Exception {
    int decoding = engines.add("decode", 200, "{}");
    int prefill = engines.add("prefill", 200, "{}");
    try (SidecarServer sidecar = sidecar(decoding)) {
      Chats.chat(
          sidecar.ports().getFirst(),
          "x-prefiller-host-port",
          "127.0.0.1:" + prefill,
          "x-request-id",
          "mine");
    }
    assertThat(engines.asked("decode").getFirst().headers().get("x-request-id"))
        .hasSize(1)
        .doesNotContain("mine")
        .isEqualTo(engines.asked("prefill").getFirst().headers().get("x-request-id"));
  }
}
