package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that goes away ends the prefill leg of connectors that wait for it, and of no other. */
class CancelledClientsTest {

  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  private static Socket chat(SidecarServer sidecar, int prefill) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst());
    client
        .getOutputStream()
        .write(
            ("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nx-prefiller-host-port: 127.0.0.1:"
                    + prefill
                    + "\r\nContent-Length: "
                    + Chats.CHAT.length()
                    + "\r\n\r\n"
                    + Chats.CHAT)
                .getBytes(ISO_8859_1));
    return client;
  }

  /** Whether the other side has closed; a while without a sign is none. */
  private static boolean isClosed(Socket connection) throws IOException {
    connection.setSoTimeout(300);
    byte[] rest = new byte[4096];
    try {
      while (connection.getInputStream().read(rest) >= 0) {
        // the request's body
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nixlv2", "shared-storage"})
  void thePrefillLegEndsWhereItIsWaitedFor(String connector) throws Exception {
    CompletableFuture<Boolean> isGone = new CompletableFuture<>();
    CountDownLatch isAsked = new CountDownLatch(1);
    try (RawEngine prefill =
            new RawEngine(
                (connection, head) -> {
                  connection.getInputStream().readNBytes(Chats.CHAT.length());
                  isAsked.countDown();
                  connection.setSoTimeout(20_000);
                  while (connection.getInputStream().read() >= 0) {
                    // the rest of the body
                  }
                  isGone.complete(true);
                });
        SidecarServer sidecar =
            RunningSidecar.with("--model-server-port=1", "--kv-connector=" + connector)) {
      try (Socket client = chat(sidecar, prefill.port())) {
        assertThat(isAsked.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(client.isConnected()).isTrue();
      }
      assertThat(isGone).succeedsWithin(10, TimeUnit.SECONDS);
      await().until(() -> sidecar.inFlight() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sglang", "offloading"})
  void thePrefillLegGoesOnWhereItIsNot(String connector) throws Exception {
    CompletableFuture<Boolean> decodeIsGone = new CompletableFuture<>();
    CompletableFuture<Boolean> prefillIsClosed = new CompletableFuture<>();
    CountDownLatch isAnswering = new CountDownLatch(1);
    try (RawEngine decode =
            new RawEngine(
                (connection, head) -> {
                  connection.getOutputStream().write((HEAD + "1\r\na\r\n").getBytes(ISO_8859_1));
                  isAnswering.countDown();
                  while (connection.getInputStream().read() >= 0) {
                    // the body
                  }
                  decodeIsGone.complete(true);
                });
        RawEngine prefill =
            new RawEngine(
                (connection, head) -> {
                  decodeIsGone.join();
                  prefillIsClosed.complete(isClosed(connection));
                });
        SidecarServer sidecar =
            RunningSidecar.with(
                "--model-server-port=" + decode.port(), "--kv-connector=" + connector)) {
      try (Socket client = chat(sidecar, prefill.port())) {
        assertThat(isAnswering.await(10, TimeUnit.SECONDS)).isTrue();
        RawEngine.head(client.getInputStream());
      }
      assertThat(decodeIsGone).succeedsWithin(10, TimeUnit.SECONDS);
      assertThat(prefillIsClosed).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(false);
    }
  }

  @Test
  void aClientThatGoesAwayIsNoFaultOfThePrefillServer() throws Exception {
    int metrics = RunningSidecar.freePort();
    CountDownLatch isAsked = new CountDownLatch(1);
    try (RawEngine bootstrap =
            new RawEngine(
                (connection, head) -> {
                  isAsked.countDown();
                  while (connection.getInputStream().read() >= 0) {
                    // nothing comes
                  }
                });
        SidecarServer sidecar =
            RunningSidecar.with(
                "--model-server-port=1",
                "--kv-connector=mooncake",
                "--mooncake-bootstrap-port=" + bootstrap.port(),
                "--prefill-fallback-timeout=30s",
                "--metrics-port=" + metrics)) {
      try (Socket client = chat(sidecar, 1)) {
        assertThat(isAsked.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(client.isConnected()).isTrue();
      }
      await().until(() -> sidecar.inFlight() == 0);
      await()
          .during(Duration.ofMillis(200))
          .until(() -> !Chats.metrics(metrics).contains("_fallbacks_total{"));
    }
  }

  @Test
  void retriesEndWithTheClient() throws Exception {
    Engines engines = new Engines();
    int prefill = engines.add("prefill", 503, "");
    try (engines;
        SidecarServer sidecar =
            RunningSidecar.with(
                "--model-server-port=1",
                "--prefill-max-retries=1000",
                "--prefill-retry-backoff=20ms")) {
      try (Socket client = chat(sidecar, prefill)) {
        await().until(() -> engines.asked("prefill").size() > 1);
        assertThat(client.isConnected()).isTrue();
      }
      await().until(() -> sidecar.inFlight() == 0);
      int asked = engines.asked("prefill").size();
      await()
          .during(Duration.ofMillis(200))
          .until(() -> engines.asked("prefill").size() <= asked + 1);
    }
  }
}
